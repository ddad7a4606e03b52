//! URLs of pictures, for properties and operations whose names mean one, and the usual size of each.

use super::name_words::Words;
use crate::random::Random;

/// The address of sampled pictures: `https://pictures.example.com/WIDTHxHEIGHT/SEED.svg`. Nobody answers there; a mock
/// replaces it by its own.
pub const PICTURES: &str = "https://pictures.example.com";

/// Returns the usual width and height, in pixels, of a picture that a name means: `thumbnail`, `avatarUrl`. `None` where the
/// name means none.
pub fn picture_size(name: &str) -> Option<(u32, u32)> {
    of_words(&Words::of(name))
}

pub(super) fn of_words(words: &Words) -> Option<(u32, u32)> {
    let is_url = matches!(words.last.trim_end_matches('s'), "url" | "uri" | "href" | "link" | "src");
    let subject = if is_url { &words.before } else { &words.last };
    Some(match subject.trim_end_matches('s') {
        "icon" | "favicon" => (64, 64),
        "thumbnail" | "thumb" | "preview" => (160, 120),
        "avatar" => (200, 200),
        "logo" => (240, 120),
        "qr" | "qrcode" => (256, 256),
        "image" | "img" | "photo" | "picture" | "pic" => (640, 480),
        "poster" => (600, 900),
        "banner" | "cover" | "hero" => (1200, 400),
        _ => return None,
    })
}

/// Returns the URL of a picture.
pub(super) fn url((width, height): (u32, u32), random: &mut Random) -> String {
    let seed = random.text(b"0123456789abcdef", 8);
    format!("{PICTURES}/{width}x{height}/{seed}.svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_pictures() {
        let check =
            |name: &str, expected: Option<(u32, u32)>| assert_eq!(picture_size(name), expected, "{name}");
        check("avatar", Some((200, 200)));
        check("avatar_url", Some((200, 200)));
        check("photoUrls", Some((640, 480)));
        check("cover-image", Some((640, 480)));
        check("website", None);
        check("url", None);
    }
}
