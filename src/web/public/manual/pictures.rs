//! The pictures of the manuals. `scripts/manual` takes them of the running demonstration; a test
//! compares this list with the manuals, with the folder and with the script that takes them.

macro_rules! pictures {
    ($($name:literal),* $(,)?) => {
        /// Every picture of a manual: its name, and the file.
        pub const PICTURES: &[(&str, &[u8])] = &[$((
            $name,
            include_bytes!(concat!("../../../../docs/manual/pictures/", $name, ".png")),
        )),*];
    };
}

pictures![];
