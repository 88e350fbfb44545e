"""Attachments: pictures, voice notes and documents, taken in, kept encrypted, shown to whom the case is shown."""
