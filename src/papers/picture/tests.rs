use super::*;

/// A picture that is red above and blue below.
fn drawn(width: usize, height: usize) -> Picture {
    let mut rgb = Vec::new();
    for y in 0..height {
        let colour = if y < height / 2 {
            [220, 20, 20]
        } else {
            [20, 20, 220]
        };
        (0..width).for_each(|_| rgb.extend_from_slice(&colour));
    }
    Picture { width, height, rgb }
}

fn as_jpeg(picture: &Picture) -> Vec<u8> {
    encode(picture).expect("encoded")
}

fn as_png(picture: &Picture, alpha: Option<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let side = |n| u32::try_from(n).expect("small");
    let mut encoder = png::Encoder::new(&mut out, side(picture.width), side(picture.height));
    encoder.set_depth(png::BitDepth::Eight);
    let data: Vec<u8> = match alpha {
        None => {
            encoder.set_color(ColorType::Rgb);
            picture.rgb.clone()
        }
        Some(alpha) => {
            encoder.set_color(ColorType::Rgba);
            let pixels = picture.rgb.chunks_exact(3);
            pixels.flat_map(|p| [p[0], p[1], p[2], alpha]).collect()
        }
    };
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&data).expect("pixels");
    writer.finish().expect("an end");
    out
}

/// The JPEG with a block of EXIF put in: where it was taken, and how it is to be turned.
fn with_exif(jpeg: &[u8], turn: u8) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    tiff.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0]);
    tiff.extend_from_slice(b"\0\0\0\0GPS 39.9N 116.3E");
    let mut block = b"Exif\0\0".to_vec();
    block.extend_from_slice(&tiff);
    let length = u16::try_from(block.len() + 2).expect("short");
    let mut out = jpeg[..2].to_vec();
    out.extend_from_slice(&[0xFF, 0xE1]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&block);
    out.extend_from_slice(&jpeg[2..]);
    out
}

fn seen(bytes: &[u8]) -> Picture {
    jpeg(bytes, false).expect("a picture of our own")
}

fn is_red(picture: &Picture, x: usize, y: usize) -> bool {
    let at = (y * picture.width + x) * 3;
    picture.rgb[at] > 150 && picture.rgb[at + 2] < 100
}

#[test]
fn a_photograph_is_made_anew_and_nothing_else_of_the_file_is_left() {
    let sent = with_exif(&as_jpeg(&drawn(300, 400)), 1);
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
    assert!(has(&sent, b"Exif") && has(&sent, b"GPS"));
    let kept = renew(&sent, true).expect("taken");
    assert!(!has(&kept, b"Exif") && !has(&kept, b"GPS"));
    let picture = seen(&kept);
    assert_eq!((picture.width, picture.height), (300, 400));
    assert!(is_red(&picture, 5, 5) && !is_red(&picture, 5, 395));
    // What follows the picture goes as well.
    let tail = [&sent[..], b"<script>alert(1)</script>"].concat();
    let kept = renew(&tail, true).expect("taken");
    assert!(!has(&kept, b"script"));
}

#[test]
fn a_picture_is_turned_as_its_telephone_says() {
    // 6: what is above stands at the left of the stored rows, turned a quarter to the right.
    for (turn, wide, red) in [
        (1, false, (5, 5)),
        (2, false, (5, 5)),
        (3, false, (5, 395)),
        (4, false, (5, 395)),
        (5, true, (5, 5)),
        (6, true, (395, 5)),
        (7, true, (395, 5)),
        (8, true, (5, 5)),
        (9, false, (5, 5)),
    ] {
        let kept = renew(&with_exif(&as_jpeg(&drawn(300, 400)), turn), false).expect("taken");
        let picture = seen(&kept);
        let size = if wide { (400, 300) } else { (300, 400) };
        assert_eq!((picture.width, picture.height), size, "{turn}");
        let other = (picture.width - 1 - red.0, picture.height - 1 - red.1);
        assert!(is_red(&picture, red.0, red.1), "{turn}");
        assert!(!is_red(&picture, other.0, other.1), "{turn}");
    }
    // Stored lying, seen standing: it is a portrait.
    let lying = with_exif(&as_jpeg(&drawn(400, 300)), 6);
    assert!(renew(&lying, true).is_ok());
}

#[test]
fn a_png_becomes_a_jpeg_on_white() {
    for alpha in [None, Some(255)] {
        let kept = renew(&as_png(&drawn(300, 400), alpha), true).expect("taken");
        assert!(kept.starts_with(&[0xFF, 0xD8]) && is_red(&seen(&kept), 5, 5));
    }
    let glass = renew(&as_png(&drawn(300, 400), Some(0)), true).expect("taken");
    let picture = seen(&glass);
    assert!(picture.rgb.iter().all(|v| *v > 250));
}

#[test]
fn what_is_not_taken_says_why() {
    let photo = |w, h| renew(&as_jpeg(&drawn(w, h)), true).map(|_| ());
    assert_eq!(photo(300, 400), Ok(()));
    assert_eq!(photo(358, 441), Ok(()));
    assert_eq!(photo(200, 280), Err(PictureError::TooSmall));
    assert_eq!(photo(400, 300), Err(PictureError::NoPortrait));
    assert_eq!(photo(240, 500), Err(PictureError::NoPortrait));
    assert_eq!(photo(400, 400), Err(PictureError::NoPortrait));
    let other = |bytes: &[u8]| renew(bytes, false).map(|_| ());
    assert_eq!(other(b"%PDF-1.7 ..."), Err(PictureError::Pdf));
    assert_eq!(other(b"GIF89a"), Err(PictureError::NoPicture));
    assert_eq!(other(b""), Err(PictureError::NoPicture));
    assert_eq!(other(&vec![0xFF; BYTES + 1]), Err(PictureError::TooLarge));
    assert_eq!(
        other(&as_png(&drawn(90, 400), None)),
        Err(PictureError::TooSmall)
    );
    let whole = as_png(&drawn(300, 400), None);
    assert_eq!(other(&whole[..40]), Err(PictureError::Damaged));
    assert_eq!(other(&whole[..whole.len() / 2]), Err(PictureError::Damaged));
    assert_eq!(
        other(&[0xFF, 0xD8, 0xFF, 0xE0, 0]),
        Err(PictureError::Damaged)
    );
}

/// A head that claims a hundred million pixels is refused before a byte of them is asked for.
#[test]
fn a_size_is_read_before_anything_is_decoded() {
    let mut huge = as_png(&drawn(300, 400), None);
    huge[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
    huge[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
    let crc = crc(&huge[12..29]);
    huge[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(renew(&huge, false), Err(PictureError::TooManyPixels));
    let mut huge = as_jpeg(&drawn(300, 400));
    let at = huge
        .windows(2)
        .position(|w| w == [0xFF, 0xC0])
        .expect("a frame");
    huge[at + 5..at + 9].copy_from_slice(&[0x13, 0x88, 0x13, 0x88]);
    assert_eq!(renew(&huge, false), Err(PictureError::TooManyPixels));
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 {
                0xEDB8_8320 ^ (c >> 1)
            } else {
                c >> 1
            }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}
