"""Photographs: position data removed, decompression bombs refused."""

import io
import warnings

from PIL import Image

from core.errors import BadRequest

MAX_PIXELS = 50_000_000
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_UPRIGHT = 0x0112  # EXIF orientation, the one tag that changes what is seen


def without_position(content: bytes, kind: str) -> bytes:
    """The picture re-encoded with nothing of its EXIF but the orientation.

    Raises BadRequest for what cannot be decoded or has more than ``MAX_PIXELS`` pixels.
    """
    refused = BadRequest("bad_image", "图片打不开或太大，请换一张再试。", field="file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise refused
                return _reencoded(image, _FORMATS[kind])
    except BadRequest:
        raise
    except Exception as error:  # the decoders raise whatever they meet
        raise refused from error


def _reencoded(image: Image.Image, form: str) -> bytes:
    orientation = image.getexif().get(_UPRIGHT)
    exif = Image.Exif()
    if orientation:
        exif[_UPRIGHT] = orientation
    out = io.BytesIO()
    options = {"quality": 90} if form in ("JPEG", "WEBP") else {}
    image.save(out, format=form, exif=exif, **options)
    return out.getvalue()
