"""Say why a file is not read, and what to do about it."""

from pathlib import Path

ARCHIVE = "an archive is not opened: unpack it first"
IMAGE = "an image is not read: only text is"
RECORDING = "a recording is not read: add a transcript of it"
OLD_OFFICE = "this old kind of Office file is not read: save it as .docx, .xlsx, .pptx or .pdf"
BINARY = "binary data in no format that is read"
EMPTY = "empty"

_REASONS = {
    ARCHIVE: (
        ".zip .gz .tgz .bz2 .tbz2 .xz .txz .lzma .zst .lz4 .z .7z .rar .tar .cab .arj .cpio .jar"
        " .war .ear .whl .egg .apk .deb .rpm .iso .img .dmg .ar .a"
    ),
    IMAGE: (
        ".png .jpg .jpeg .jpe .jfif .gif .bmp .dib .tif .tiff .webp .heic .heif .avif .ico .cur"
        " .svg .svgz .psd .ai .eps .raw .cr2 .nef .dng .xcf .emf .wmf .jp2 .pbm .pgm .ppm"
    ),
    RECORDING: (
        ".mp3 .wav .flac .ogg .oga .opus .m4a .aac .wma .aiff .mid .midi .amr"
        " .mp4 .m4v .mkv .webm .mov .avi .wmv .flv .mpg .mpeg .3gp .ogv"
    ),
}
_BY_EXTENSION = {ending: why for why, endings in _REASONS.items() for ending in endings.split()}
_BY_MAGIC = (
    (b"PK\x03\x04", ARCHIVE),
    (b"PK\x05\x06", ARCHIVE),
    (b"\x1f\x8b", ARCHIVE),
    (b"BZh", ARCHIVE),
    (b"\xfd7zXZ\0", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"Rar!\x1a\x07", ARCHIVE),
    (b"\x28\xb5\x2f\xfd", ARCHIVE),
    (b"\x89PNG\r\n\x1a\n", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"II*\0", IMAGE),
    (b"MM\0*", IMAGE),
    (b"OggS", RECORDING),
    (b"fLaC", RECORDING),
    (b"ID3", RECORDING),
    (b"RIFF", RECORDING),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
)
_MAGIC_BYTES = max(len(magic) for magic, _ in _BY_MAGIC)


def is_unread(path: Path) -> bool:
    """Tell whether a file's name says that it is of a kind that is not read."""
    return path.suffix.lower() in _BY_EXTENSION


def why_unread(path: Path) -> str:
    """Return the reason for which a regular file that no reader reads is passed over."""
    if is_unread(path):
        return _BY_EXTENSION[path.suffix.lower()]
    with path.open("rb") as file:
        head = file.read(_MAGIC_BYTES)
    if not head:
        return EMPTY
    return next((why for magic, why in _BY_MAGIC if head.startswith(magic)), BINARY)
