//! Pictures that are drawn for a size and a seed: the same bytes each time, without a network.

use bytes::Bytes;
use descant_runtime::media::essence;
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType};

use super::seed::{Seed, mixed};

/// The greatest width and height in pixels.
const MAX_SIDE: u32 = 2_000;
/// The squares of a side of the pattern.
const SQUARES: u32 = 5;
/// The quality of a JPEG, of 100.
const QUALITY: u8 = 80;

/// A picture: a pattern of squares, symmetrical about its middle, on a lighter ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    width: u32,
    height: u32,
    /// Which squares are filled, by the bits of their column left of the middle and their row.
    squares: u64,
    colours: [[u8; 3]; 2],
}

impl Picture {
    /// Draws a picture of a seed; a side beyond 2,000 pixels is 2,000.
    pub(crate) fn new((width, height): (u32, u32), seed: Seed) -> Self {
        const HUES: [[u8; 3]; 8] = [
            [0xc2, 0x41, 0x0c],
            [0xa1, 0x62, 0x07],
            [0x3f, 0x62, 0x12],
            [0x0f, 0x76, 0x6e],
            [0x03, 0x69, 0xa1],
            [0x43, 0x38, 0xca],
            [0x86, 0x19, 0x8f],
            [0xbe, 0x12, 0x3c],
        ];
        let squares = mixed(seed.value());
        let hue = HUES.into_iter().cycle().nth(usize::from(squares.to_le_bytes()[7])).unwrap_or_default();
        let ground = hue.map(|part| u8::MAX - (u8::MAX - part) / 5);
        let (width, height) = (width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE));
        Self { width, height, squares, colours: [ground, hue] }
    }

    /// Returns the picture as a media type; `None` for one that is not drawn.
    pub(crate) fn encode(&self, media_type: &str) -> Option<Bytes> {
        let essence = essence(media_type).to_ascii_lowercase();
        match essence.as_str() {
            "image/png" => self.png(),
            "image/jpeg" | "image/jpg" => self.jpeg(),
            "image/svg+xml" => Some(self.svg()),
            _ => None,
        }
    }

    /// The side of the pattern, and its left and upper edge.
    fn frame(&self) -> (u32, u32, u32) {
        let side = self.width.min(self.height) * 3 / 4 / SQUARES * SQUARES;
        (side, (self.width - side) / 2, (self.height - side) / 2)
    }

    fn is_filled(&self, column: u32, row: u32) -> bool {
        let column = column.min(SQUARES - 1 - column);
        self.squares >> (row * SQUARES + column) & 1 == 1
    }

    /// Whether a pixel is of the pattern.
    fn is_drawn(&self, x: u32, y: u32) -> bool {
        let (side, left, top) = self.frame();
        let inside = |at: u32, edge: u32| at.checked_sub(edge).filter(|at| *at < side);
        match (inside(x, left), inside(y, top)) {
            (Some(x), Some(y)) => self.is_filled(x * SQUARES / side, y * SQUARES / side),
            _ => false,
        }
    }

    fn svg(&self) -> Bytes {
        let Self { width, height, .. } = self;
        let [ground, hue] = self.colours.map(|[red, green, blue]| format!("#{red:02x}{green:02x}{blue:02x}"));
        let (side, left, top) = self.frame();
        let size = side / SQUARES;
        let count = if size > 0 { SQUARES * SQUARES } else { 0 };
        let squares = (0..count).map(|at| (at % SQUARES, at / SQUARES));
        let squares = squares.filter(|(column, row)| self.is_filled(*column, *row));
        let path: String = squares
            .map(|(column, row)| {
                format!("M{} {}h{size}v{size}h-{size}z", left + column * size, top + row * size)
            })
            .collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/><path fill=\"{hue}\" d=\"{path}\"/></svg>"
        )
        .into()
    }

    /// One bit a pixel, with a palette of two colours.
    fn png(&self) -> Option<Bytes> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_palette(self.colours.concat());
        let rows = (0..self.height).flat_map(|y| {
            (0..self.width.div_ceil(8)).map(move |byte| {
                (0..8).fold(0, |bits, bit| bits << 1 | u8::from(self.is_drawn(byte * 8 + bit, y)))
            })
        });
        let rows: Vec<u8> = rows.collect();
        encoder.write_header().ok()?.write_image_data(&rows).ok()?;
        Some(file.into())
    }

    fn jpeg(&self) -> Option<Bytes> {
        let mut file = Vec::new();
        Encoder::new(&mut file, QUALITY).encode_image(*self).ok()?;
        Some(file.into())
    }
}

/// Rows of the picture, as JPEG codes colours.
impl ImageBuffer for Picture {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        u16::try_from(self.width).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(self.height).unwrap_or(u16::MAX)
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let [ground, hue] = self
            .colours
            .map(|[red, green, blue]| <[u8; 3]>::from(jpeg_encoder::rgb_to_ycbcr(red, green, blue)));
        for x in 0..self.width {
            let colour = if self.is_drawn(x, u32::from(y)) { hue } else { ground };
            buffers.iter_mut().zip(colour).for_each(|(buffer, part)| buffer.push(part));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Width and height by the head of a file.
    fn size(media_type: &str, file: &[u8]) -> (u32, u32) {
        match media_type {
            "image/png" => {
                let reader = png::Decoder::new(std::io::Cursor::new(file.to_vec())).read_info().unwrap();
                (reader.info().width, reader.info().height)
            }
            "image/jpeg" => {
                // SOF0: length, precision, height, width.
                let at = file.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
                let number = |at: usize| u32::from(u16::from_be_bytes([file[at], file[at + 1]]));
                (number(at + 7), number(at + 5))
            }
            _ => {
                let text = std::str::from_utf8(file).unwrap();
                let number =
                    |name: &str| text.split(name).nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
                (number(" width=\""), number(" height=\""))
            }
        }
    }

    #[test]
    fn a_picture_has_its_size_in_every_type() {
        for media_type in ["image/png", "image/jpeg", "image/svg+xml; charset=utf-8"] {
            let check = |asked: (u32, u32), expected: (u32, u32)| {
                let file = Picture::new(asked, Seed::new(1)).encode(media_type).unwrap();
                assert_eq!(size(media_type, &file), expected, "{media_type}");
            };
            check((320, 200), (320, 200));
            check((1, 1), (1, 1));
            check((0, 7), (1, 7));
            check((u32::MAX, 3), (2_000, 3));
        }
        assert_eq!(Picture::new((1, 1), Seed::new(1)).encode("image/tiff"), None);
    }

    #[test]
    fn a_seed_draws_the_same_picture_again() {
        let draw = |seed: u64| Picture::new((64, 64), Seed::new(seed).with("a")).encode("image/png");
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
