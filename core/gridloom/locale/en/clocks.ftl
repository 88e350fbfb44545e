clock-note-holiday = { $holiday ->
    [new-years-day] New Year's Day
    [spring-festival] Spring Festival
    [tomb-sweeping-day] Tomb-sweeping Day
    [labour-day] Labour Day
    [dragon-boat-festival] Dragon Boat Festival
    [national-day] National Day
    [mid-autumn-festival] Mid-autumn Festival
    [anti-fascist-70th-day] 70th anniversary of victory
   *[other] Public holiday
} holiday
clock-note-in-lieu = { $holiday ->
    [new-years-day] New Year's Day
    [spring-festival] Spring Festival
    [tomb-sweeping-day] Tomb-sweeping Day
    [labour-day] Labour Day
    [dragon-boat-festival] Dragon Boat Festival
    [national-day] National Day
    [mid-autumn-festival] Mid-autumn Festival
    [anti-fascist-70th-day] 70th anniversary of victory
   *[other] Public holiday
}, day off in lieu
clock-note-make-up = { $holiday ->
    [new-years-day] New Year's Day
    [spring-festival] Spring Festival
    [tomb-sweeping-day] Tomb-sweeping Day
    [labour-day] Labour Day
    [dragon-boat-festival] Dragon Boat Festival
    [national-day] National Day
    [mid-autumn-festival] Mid-autumn Festival
    [anti-fascist-70th-day] 70th anniversary of victory
   *[other] Public holiday
}, make-up workday
clock-note-unpublished = the holidays of { $year } are not published yet; counted by the weekday
clock-note-working-hours = working hours { $hours }
clock-day-out-of-range = The day must lie in the years { $first } to { $last }.
clock-day-of-another-year = All days must lie in { $year }.
clock-text-too-long = The text must not be longer than { $most } characters.
clock-hours-invalid = These are no working hours: give from and to in order (such as 08:30–12:00), not overlapping, not empty.
clock-extension-range = An extension is a whole number of working days, at least one and at most ten years.
clock-stopped = This clock has stopped; it cannot be extended.
clock-law-invalid = This is no legal time limit: name its source, and give a count and a unit that make sense.
clock-too-many-days = At most { $most } days at once.
