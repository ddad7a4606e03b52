//! Placeholder files for binary media types: a page that shows an image, or a program that opens a file, cannot read a
//! sampled text.

use descant_runtime::media::essence;

/// One grey pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\xdac8\x01\0\0\xca\0\xc94B'\
    \xf3\0\0\0\0IEND\xaeB`\x82";
const GIF: &[u8] = b"GIF87a\x01\0\x01\0\x81\0\0\xc8\xc8\xc8\0\0\0\0\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x08\x04\0\x01\x04\x04\0;";
const WEBP: &[u8] =
    b"RIFF$\0\0\0WEBPVP8 \x18\0\0\x000\x01\0\x9d\x01*\x01\0\x01\0\x0c\xc0\xce%\xa4\0\x03p\0\xfe\xe2 \0\0";
const BMP: &[u8] = b"BM:\0\0\0\0\0\0\x006\0\0\0(\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0\0\0\0\x04\0\0\0\xc4\x0e\0\0\xc4\x0e\0\0\0\
    \0\0\0\0\0\0\0\xc8\xc8\xc8\0";
/// Every step of its quantization table is 255.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb\0C\0\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\xff\xc4\0\x14\x10\x01\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\xff\xda\0\x08\x01\x01\0\0?\0O\xff\xd9";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"><rect width=\"1\" height=\"1\"/></svg>";
/// One empty page.
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n\
    0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n";
/// No entries.
const ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// An empty file, compressed.
const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\x03\0\0\0\0\0\0\0\0\0";
/// No samples, at 8 kHz.
const WAV: &[u8] =
    b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0";

/// Returns the smallest file of a media type, where one is known.
pub(crate) fn of(media_type: &str) -> Option<&'static [u8]> {
    Some(match essence(media_type).to_ascii_lowercase().as_str() {
        "image/png" => PNG,
        "image/jpeg" | "image/jpg" => JPEG,
        "image/gif" => GIF,
        "image/webp" => WEBP,
        "image/bmp" => BMP,
        "image/svg+xml" => SVG,
        "application/pdf" => PDF,
        "application/zip" | "application/x-zip-compressed" => ZIP,
        "application/gzip" | "application/x-gzip" => GZIP,
        "audio/wav" | "audio/x-wav" => WAV,
        _ => return None,
    })
}
