//! The picture in the README is well formed, and shows what the vectors have.

pub(crate) const PICTURE: &str = include_str!("../../docs/two_phones.svg");

#[test]
fn the_picture_is_well_formed_and_in_the_readme() {
    let mut open = Vec::new();
    for part in PICTURE.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty() && PICTURE.starts_with("<svg "));
    assert!(include_str!("../../README.md").contains("(docs/two_phones.svg)"));
}

/// Both users see the cells that the vectors have for one value.
#[test]
fn the_cells_are_those_of_the_vectors() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../test-vectors/verification.json")).unwrap();
    let colours: Vec<_> =
        vectors["colours"].as_array().unwrap().iter().map(|colour| colour.as_str().unwrap()).collect();
    let rects = PICTURE.lines().filter(|line| line.starts_with("<rect ") && line.contains("width=\"16\""));
    let cells: Vec<_> =
        rects.map(|line| line.split_once("fill=\"#").unwrap().1.strip_suffix("\"/>").unwrap()).collect();
    let rows = vectors["cases"][0]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 2 * 12 * rows.len());
    for (row, shown) in rows.iter().zip(cells.chunks(24)) {
        let wanted: Vec<_> = row.as_str().unwrap().bytes().map(|digit| colours[usize::from(digit - b'0')]).collect();
        assert_eq!([&shown[..12], &shown[12..]], [&wanted[..], &wanted[..]]);
    }
}
