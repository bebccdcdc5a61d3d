"""Kinds of documents that go through all doors, by the ending of their names."""

#: Ending → media type.
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
