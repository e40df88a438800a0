"""Files that people attach, as Converse's content blocks. Pure.

Formats and limits are those of `ImageBlock`, `DocumentBlock` and `Message` in botocore's model of
bedrock-runtime (2023-09-30).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_bedrock_runtime.literals import DocumentFormatType, ImageFormatType
    from mypy_boto3_bedrock_runtime.type_defs import ContentBlockUnionTypeDef as Block

    from slackbot.messages import Attachment

IMAGE_FORMATS: Mapping[str, ImageFormatType] = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
}
DOCUMENT_FORMATS: Mapping[str, DocumentFormatType] = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/markdown": "md",
    "text/csv": "csv",
    "text/html": "html",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
MOST_IMAGES = 20
MOST_DOCUMENTS = 5
LARGEST_IMAGE = 3_750_000
LARGEST_DOCUMENT = 4_500_000
"""The most of each in one message, and the most bytes of one."""


def surplus(files: Sequence[Attachment]) -> frozenset[Attachment]:
    """Return the oldest files of one message that are more than it may hold."""
    sendable = [file for file in files if _is_sendable(file)]
    images = [file for file in sendable if file.media_type in IMAGE_FORMATS]
    documents = [file for file in sendable if file.media_type in DOCUMENT_FORMATS]
    return frozenset(images[:-MOST_IMAGES] + documents[:-MOST_DOCUMENTS])


def file_blocks(
    file: Attachment, unsent: frozenset[Attachment], numbers: Iterator[int]
) -> list[Block]:
    """Return a file's content blocks, the last of which is text and names it.

    What cannot be sent is only named. Text stands last because Converse wants some beside a
    document, and refuses a cache mark that directly follows one. The next of `numbers` tells a
    document apart from others: its own name would be read as instructions by some models.
    """
    label = f"attachment {' '.join(file.name.split())}"
    if file in unsent or not _is_sendable(file):
        return [{"text": f"[{label} could not be passed on]"}]
    if image := IMAGE_FORMATS.get(file.media_type):
        return [
            {"image": {"format": image, "source": {"bytes": file.data}}},
            {"text": f"[{label}]"},
        ]
    if document := DOCUMENT_FORMATS.get(file.media_type):
        name = f"Document {next(numbers)}"
        return [
            {"document": {"format": document, "name": name, "source": {"bytes": file.data}}},
            {"text": f"[{label}]"},
        ]
    return [{"text": f"[{label}]\n{file.data.decode(errors='replace')}"}]


def _is_sendable(file: Attachment) -> bool:
    if file.media_type in IMAGE_FORMATS:
        return 0 < len(file.data) <= LARGEST_IMAGE
    is_text = file.media_type in DOCUMENT_FORMATS or file.media_type.startswith("text/")
    return is_text and 0 < len(file.data) <= LARGEST_DOCUMENT
