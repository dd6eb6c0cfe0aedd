"""Files that a row names: their URI, their MIME type, how they are shown to the model, and images in the row itself."""

from __future__ import annotations

import re
import string
from typing import Any, Final

from pulumi_gcp_tuning.datasets.facts import Facts, NamedFile, Say
from pulumi_gcp_tuning.datasets.formats import Format
from pulumi_gcp_tuning.datasets.report import named, type_of
from pulumi_gcp_tuning.grammar import BUCKET_NAME

_OPEN_IMAGES: Final = ("image/jpeg", "image/png", "image/webp")
TYPES: Final = {
    "image": ("jpeg", "png", "webp", "heic", "heif"),
    "application": ("pdf",),
    "text": ("plain",),
    "audio": (
        *("aac", "flac", "m4a", "mp3", "mp4", "mpa", "mpeg", "mpga", "ogg", "opus", "pcm", "wav", "webm"),
        *("x-aac", "x-flac", "x-m4a", "x-wav"),
    ),
    "video": (
        "3gpp",
        "avi",
        "flv",
        "mov",
        "mp4",
        "mpeg",
        "mpegps",
        "mpegs",
        "mpg",
        "quicktime",
        "webm",
        "wmv",
        "x-flv",
    ),
}
"""The MIME types on Google's pages for each modality, including older spellings."""
_KINDS: Final = {"image": "an image", "application": "a document", "text": "a document", "audio": "a recording"}
LEVELS: Final = tuple(f"MEDIA_RESOLUTION_{level}" for level in ("LOW", "MEDIUM", "HIGH", "ULTRA_HIGH"))
LOW, USUAL, ULTRA_HIGH = LEVELS[0], LEVELS[2], LEVELS[3]
_MIME: Final = re.compile(r"[A-Za-z]+/[A-Za-z0-9.+-]{1,80}")
_SECONDS: Final = re.compile(r"(\d+(?:\.\d+)?)s")
_PUBLIC: Final = re.compile(r"https?://\S+")
_NOT_PUBLIC: Final = re.compile(
    r"https?://(localhost|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|[\w.-]+\.internal|generativelanguage\.googleapis\.com"
    r"|storage\.cloud\.google\.com|console\.cloud\.google\.com|drive\.google\.com)(?::\d+)?(?:/|\Z)",
    re.IGNORECASE,
)
"""Hosts that ask for a login or a key (Gemini API's files, links of the console), or that only a local network has."""
_OBJECT: Final = re.compile(rf"gs://{BUCKET_NAME}/\S(?:.*[^/])?(?<!/)\Z", re.DOTALL)
_MOST_FRAMES: Final = 24
_MAGIC: Final = {"jpeg": "/9j/", "png": "iVBORw0KGgo", "webp": "UklGR"}
_DATA: Final = re.compile(r"data:image/(jpeg|png|webp);base64,")
_ALPHABET: Final = (string.ascii_letters + string.digits + "+/").encode()


def check_file(form: Format, part: dict[str, Any], key: str, at: str, facts: Facts, say: Say) -> None:
    """Checks a part with ``fileData`` or ``file_data``; ``key`` is the spelling that it uses."""
    here = f"{at}.{key}"
    file = part[key]
    if not isinstance(file, dict):
        say("wrong-type", here, found=type_of(file), expected='an object: {"mimeType": ..., "fileUri": ...}')
        return
    mime = file.get("mimeType", file.get("mime_type"))
    uri = file.get("fileUri", file.get("file_uri"))
    is_open = form.product == "open"
    modality, _, type_ = mime.lower().partition("/") if isinstance(mime, str) else ("", "", "")
    if is_open and mime not in _OPEN_IMAGES:
        say("mime-type", here, found=_named_type(mime), expected="image/jpeg, image/png or image/webp")
    elif not is_open and type_ not in TYPES.get(modality, ()):
        say("mime-type", here, found=_named_type(mime), expected=_types_like(modality))
    spelled = "file_uri" if "file_uri" in file else "fileUri"
    if uri is None:
        say("missing-key", f"{here}.{spelled}", key=spelled)
    elif not isinstance(uri, str) or not (_OBJECT.match(uri) or (not is_open and _PUBLIC.fullmatch(uri))):
        say(
            "file-uri",
            f"{here}.{spelled}",
            expected="gs://BUCKET/OBJECT" if is_open else "gs://BUCKET/OBJECT or a public URL (https://...)",
        )
    elif found := _NOT_PUBLIC.match(uri):
        say("not-public", f"{here}.{spelled}", host=found[1].lower())
    if isinstance(uri, str):
        _take_uri(uri, "pdf" if type_ == "pdf" else modality, facts)
    facts.images += modality == "image"
    facts.audio_files += modality == "audio"
    facts.videos += modality == "video"
    facts.documents += modality in {"application", "text"}
    facts.pdfs += type_ == "pdf"
    _check_clip(part, at, facts, say, modality=modality)
    for name in ("mediaResolution", "media_resolution"):
        if name in part:
            level = part[name].get("level") if isinstance(part[name], dict) else part[name]
            check_resolution(level, f"{at}.{name}", facts, say)


def check_config(row: dict[str, Any], facts: Facts, say: Say) -> None:
    """The resolution that the row's ``generationConfig`` gives for all of its files."""
    for key in ("generationConfig", "generation_config"):
        config = row.get(key)
        if config is None:
            continue
        if not isinstance(config, dict):
            say("wrong-type", key, found=type_of(config), expected="an object")
            continue
        for name in ("mediaResolution", "media_resolution"):
            if name in config:
                check_resolution(config[name], f"{key}.{name}", facts, say)


def check_resolution(value: Any, at: str, facts: Facts, say: Say) -> None:
    """Checks that a ``mediaResolution`` is one of Google's, and that one for images is not on a video."""
    if value in (None, "MEDIA_RESOLUTION_UNSPECIFIED"):
        return
    if value not in LEVELS:
        say("resolution-value", at, found=named(value), expected=", ".join(LEVELS))
    elif value == ULTRA_HIGH and facts.videos:
        say("resolution-video", at)
    else:
        facts.resolution = value


def check_image_url(image: Any, at: str, facts: Facts, say: Say) -> None:
    """An ``image_url`` part: a gs:// object, or JPEG, PNG or WEBP in base64."""
    facts.images += 1
    if not isinstance(image, dict):
        say("wrong-type", at, found=type_of(image), expected='an object: {"url": ...}')
        return
    url = image.get("url")
    if image.get("detail", "auto") not in ("auto", "low", "high"):
        say("image-detail", f"{at}.detail", found=named(image["detail"]))
    expected = "gs://BUCKET/OBJECT, or data:image/jpeg;base64,... (also png, webp)"
    if not isinstance(url, str):
        say("file-uri", f"{at}.url", expected=expected)
        return
    _take_uri(url, "image", facts)
    if url.startswith("gs://") and _OBJECT.match(url):
        if "." in url.rpartition("/")[2] and not re.search(r"\.(jpe?g|png|webp)\Z", url, re.IGNORECASE):
            say("mime-type", f"{at}.url", found="not that of an image", expected="a .jpg, .jpeg, .png or .webp object")
        return
    head = _DATA.match(url)
    if head is None:
        if url.startswith("data:"):
            type_ = url[len("data:") :].partition(";")[0].partition(",")[0]
            say(
                "mime-type",
                f"{at}.url",
                found=_named_type(type_),
                expected="data:image/jpeg;base64,... (also png, webp)",
            )
        else:
            say("file-uri", f"{at}.url", expected=expected)
        return
    body = url[head.end() :]
    # the first bytes give the type; the alphabet and the length show whether it is complete
    if not body.startswith(_MAGIC[head[1]]) or len(body) % 4 or not _is_base64(body):
        say("image-encoding", f"{at}.url", expected=head[1].upper())


def check_inline_image(held: Any, at: str, facts: Facts, say: Say) -> None:
    """An ``inlineData`` part of an open model's row: JPEG, PNG or WEBP in base64, of either alphabet."""
    facts.images += 1
    held = held if isinstance(held, dict) else {}
    mime, body = held.get("mimeType", held.get("mime_type")), held.get("data")
    if mime not in _OPEN_IMAGES:
        say("mime-type", at, found=_named_type(mime), expected="image/jpeg, image/png or image/webp")
        return
    plain = body.replace("-", "+").replace("_", "/") if isinstance(body, str) else ""
    kind = mime.partition("/")[2]
    if not plain.startswith(_MAGIC[kind]) or not _is_base64(plain):
        say("image-encoding", f"{at}.data", expected=kind.upper())
    _take_uri(f"data:{mime};base64,{plain}", "image", facts)


def _take_uri(uri: str, kind: str, facts: Facts) -> None:
    facts.texts.append(uri)
    facts.links += len(uri)
    facts.files.append(NamedFile(uri, kind))


def _check_clip(part: dict[str, Any], at: str, facts: Facts, say: Say, *, modality: str) -> None:
    for key in ("videoMetadata", "video_metadata"):
        clip = part.get(key)
        if not isinstance(clip, dict):
            continue
        if modality in TYPES and modality != "video":
            say("clip-of-file", f"{at}.{key}", found=_KINDS[modality])
        frames = clip.get("fps", 1)
        if isinstance(frames, bool) or not isinstance(frames, int | float) or not 0 < frames <= _MOST_FRAMES:
            say("frame-rate", f"{at}.{key}.fps")
        offsets: dict[str, float] = {}
        for name, other in (("startOffset", "start_offset"), ("endOffset", "end_offset")):
            spelled = name if name in clip else other
            if spelled not in clip:
                continue
            found = _SECONDS.fullmatch(clip[spelled]) if isinstance(clip[spelled], str) else None
            if found is None:
                say("offset", f"{at}.{key}.{spelled}", found=type_of(clip[spelled]))
            else:
                offsets[name] = float(found[1])
        if len(offsets) == 2 and offsets["endOffset"] <= offsets["startOffset"]:
            say("clip-order", f"{at}.{key}")
        if "endOffset" in offsets:
            facts.clip = max(facts.clip or 0.0, offsets["endOffset"] - offsets.get("startOffset", 0.0))


def _named_type(mime: Any) -> str:
    """A MIME type as written; it says nothing about the content of the file."""
    return mime if isinstance(mime, str) and _MIME.fullmatch(mime) else named(mime)


def _types_like(modality: str) -> str:
    """The types that were probably meant."""
    if modality in {"audio", "video"}:
        return f"one of Google's types: {', '.join(f'{modality}/{each}' for each in TYPES[modality])}"
    return (
        "image/jpeg, image/png, image/webp, image/heic, image/heif, application/pdf, text/plain, or an audio or video "
        "type of Google's pages, as mimeType"
    )


def _is_base64(body: str) -> bool:
    return (
        body.isascii()
        and len(body) - len(bare := body.rstrip("=")) <= 2
        and not bare.encode().translate(None, _ALPHABET)
    )
