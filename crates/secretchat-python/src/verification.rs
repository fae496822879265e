//! The value that two users compare.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use secretchat::Role;

use crate::error::OrRaise;
use crate::names::of_name;

/// A value that is the same at both ends unless somebody sits between them. The users compare its words, its numbers or
/// its picture.
#[pyclass(frozen, eq, module = "secretchat")]
#[derive(PartialEq)]
pub(crate) struct Verification(pub(crate) secretchat::Verification);

#[pymethods]
impl Verification {
    /// Makes a value from its 36 bytes.
    #[new]
    fn new(value: [u8; 36]) -> Self {
        Self(secretchat::Verification::from_bytes(value))
    }

    #[classattr]
    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["words"])
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    /// 36 words to read to each other. The first 16 are enough.
    #[getter]
    fn words<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.words())
    }

    /// Four lines of numbers.
    #[getter]
    fn hex_lines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.hex_lines().iter().map(secretchat::HexLine::as_str))
    }

    /// The picture: twelve rows of twelve cells, each a number from 0 to 3.
    #[getter]
    fn cells(&self) -> Vec<Vec<u16>> {
        self.0.cells().iter().map(|row| row.iter().copied().map(u16::from).collect()).collect()
    }

    /// The colours of the cells 0 to 3, as 0xRRGGBB.
    #[classattr]
    #[pyo3(name = "COLOURS")]
    fn colours(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, secretchat::Verification::COLOURS)
    }

    /// Returns the picture as text of twelve lines, with the numbers beside it. With `coloured` it has escape sequences
    /// for a terminal with 24-bit colours.
    #[pyo3(signature = (*, coloured = false))]
    fn text(&self, coloured: bool) -> String {
        if coloured { format!("{:#}", self.0) } else { self.0.to_string() }
    }

    /// Returns the picture as an SVG image, which scales to any size.
    fn svg(&self) -> String {
        self.0.svg().to_string()
    }

    /// Returns the text of a QR code, which the other end scans. `role` is `Chat.role`.
    fn scan_code(&self, role: &str) -> PyResult<String> {
        Ok(self.0.scan_code(of_name::<Role>(role)?).to_string())
    }

    /// Compares with the scanned code of the other end. Raises `VerifyError` unless both see the same value.
    fn check_scanned(&self, role: &str, code: &str) -> PyResult<()> {
        self.0.check_scanned(of_name::<Role>(role)?, code).or_raise()
    }

    fn __str__(&self) -> String {
        self.text(false)
    }

    fn __repr__(&self) -> &'static str {
        "Verification(..)"
    }
}
