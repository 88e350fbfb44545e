clock-note-holiday = { $holiday ->
    [new-years-day] 元旦
    [spring-festival] 春节
    [tomb-sweeping-day] 清明节
    [labour-day] 劳动节
    [dragon-boat-festival] 端午节
    [national-day] 国庆节
    [mid-autumn-festival] 中秋节
    [anti-fascist-70th-day] 抗战胜利70周年纪念日
   *[other] 节假日
}放假
clock-note-in-lieu = { $holiday ->
    [new-years-day] 元旦
    [spring-festival] 春节
    [tomb-sweeping-day] 清明节
    [labour-day] 劳动节
    [dragon-boat-festival] 端午节
    [national-day] 国庆节
    [mid-autumn-festival] 中秋节
    [anti-fascist-70th-day] 抗战胜利70周年纪念日
   *[other] 节假日
}调休放假
clock-note-make-up = { $holiday ->
    [new-years-day] 元旦
    [spring-festival] 春节
    [tomb-sweeping-day] 清明节
    [labour-day] 劳动节
    [dragon-boat-festival] 端午节
    [national-day] 国庆节
    [mid-autumn-festival] 中秋节
    [anti-fascist-70th-day] 抗战胜利70周年纪念日
   *[other] 节假日
}调休上班
clock-note-unpublished = { $year } 年放假安排尚未公布，暂按星期推算
clock-note-working-hours = 工作时间 { $hours }
clock-day-out-of-range = 日期须在 { $first } 年至 { $last } 年之间。
clock-day-of-another-year = 所列日期必须都在 { $year } 年内。
clock-text-too-long = 文字不能超过 { $most } 个字。
clock-hours-invalid = 工作时间不正确：须按先后列出起止时间（如 08:30–12:00），不重叠、不为空。
clock-extension-range = 延长的工作日数须为正整数，且不超过十年。
clock-stopped = 该时限已经停止，不能延长。
clock-law-invalid = 法定时限的内容不正确：须写明来源，期限须为有效的数值和单位。
clock-too-many-days = 一次最多列出 { $most } 天。
