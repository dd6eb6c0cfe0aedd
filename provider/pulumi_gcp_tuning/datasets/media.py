"""Files that a row names: their URI, their MIME type, and images in the row itself."""

from __future__ import annotations

import re
import string
from typing import Any, Final

from pulumi_gcp_tuning.datasets.facts import Facts, Say
from pulumi_gcp_tuning.datasets.formats import Format
from pulumi_gcp_tuning.datasets.report import named
from pulumi_gcp_tuning.grammar import BUCKET_NAME

_IMAGES: Final = ("image/jpeg", "image/png", "image/webp")
_GEMINI: Final = re.compile(
    r"image/(jpeg|png|webp|heic|heif)|application/pdf|text/[a-z-]+|(audio|video)/[a-z0-9.+-]+", re.IGNORECASE
)
_KNOWN: Final = "image/jpeg, image/png, image/webp, image/heic, image/heif, application/pdf"
_PUBLIC: Final = re.compile(r"https?://\S+")
_OBJECT: Final = re.compile(rf"gs://{BUCKET_NAME}/\S.*\Z", re.DOTALL)
_MAGIC: Final = {"jpeg": "/9j/", "png": "iVBORw0KGgo", "webp": "UklGR"}
_DATA: Final = re.compile(r"data:image/(jpeg|png|webp);base64,")
_ALPHABET: Final = (string.ascii_letters + string.digits + "+/").encode()


def check_file(form: Format, file: Any, at: str, facts: Facts, say: Say) -> None:
    """A ``fileData`` or ``file_data`` part."""
    file = file if isinstance(file, dict) else {}
    mime = file.get("mimeType", file.get("mime_type"))
    uri = file.get("fileUri", file.get("file_uri"))
    is_open = form.product == "open"
    if is_open and mime not in _IMAGES:
        say("mime-type", at, found=named(mime), expected="image/jpeg, image/png or image/webp")
    elif not is_open and not (isinstance(mime, str) and _GEMINI.fullmatch(mime)):
        say("mime-type", at, found=named(mime), expected=f"{_KNOWN}, or a text, audio or video type")
    public = not is_open and isinstance(uri, str) and _PUBLIC.fullmatch(uri)
    if not public and not (isinstance(uri, str) and _OBJECT.match(uri)):
        say(
            "file-uri",
            at,
            expected="gs://BUCKET/OBJECT" if is_open else "gs://BUCKET/OBJECT or a public URL (https://...)",
        )
    if isinstance(uri, str):
        facts.texts.append(uri)
        facts.links += len(uri)
    kind = mime.lower().partition("/")[0] if isinstance(mime, str) else ""
    facts.images += kind == "image"
    facts.audio_files += kind == "audio"
    facts.documents += kind in {"application", "text", "video"}


def check_image_url(image: Any, at: str, facts: Facts, say: Say) -> None:
    """An ``image_url`` part: a gs:// object, or JPEG, PNG or WEBP in base64."""
    facts.images += 1
    url = image.get("url") if isinstance(image, dict) else None
    if isinstance(image, dict) and image.get("detail", "auto") not in ("auto", "low", "high"):
        say("image-detail", f"{at}.detail", found=named(image["detail"]))
    expected = "gs://BUCKET/OBJECT, or data:image/jpeg;base64,... (also png, webp)"
    if not isinstance(url, str):
        say("file-uri", f"{at}.url", expected=expected)
        return
    facts.texts.append(url)
    facts.links += len(url)
    if url.startswith("gs://") and _OBJECT.match(url):
        if "." in url.rpartition("/")[2] and not re.search(r"\.(jpe?g|png|webp)\Z", url, re.IGNORECASE):
            say("mime-type", f"{at}.url", found="not that of an image", expected="a .jpg, .jpeg, .png or .webp object")
        return
    head = _DATA.match(url)
    if head is None:
        say("file-uri", f"{at}.url", expected=expected)
        return
    body = url[head.end() :]
    # the first bytes give the type; the alphabet and the length show whether it is complete
    if not body.startswith(_MAGIC[head[1]]) or len(body) % 4 or not _is_base64(body):
        say("image-encoding", f"{at}.url", expected=head[1].upper())


def _is_base64(body: str) -> bool:
    return (
        body.isascii()
        and len(body) - len(bare := body.rstrip("=")) <= 2
        and not bare.encode().translate(None, _ALPHABET)
    )
