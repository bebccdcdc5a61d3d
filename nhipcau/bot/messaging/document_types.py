"""Kinds of documents that every channel carries, by the ending of their names."""

#: Ending → media type.
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
