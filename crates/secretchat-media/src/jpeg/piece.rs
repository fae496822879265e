//! Splits a JPEG file into pieces that together are the whole file. Unlike other segment readers, it includes the segments
//! between the scans of a picture, and goes on to the end of the file.

use crate::clean::Error;

pub(super) enum Piece<'a> {
    Begin(&'a [u8]),
    Segment {
        marker: u8,
        raw: &'a [u8],
        body: &'a [u8],
    },
    /// Coded pixels, which run to the next marker.
    Pixels(&'a [u8]),
    /// Fill bytes, or bytes that make no sense where they are; decoders skip them.
    Stray(&'a [u8]),
    End(&'a [u8]),
}

pub(super) struct Pieces<'a> {
    rest: &'a [u8],
    state: State,
}

#[derive(PartialEq)]
enum State {
    Begin,
    Segments,
    Pixels,
    End,
}

const BEGIN: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;

impl<'a> Pieces<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, state: State::Begin }
    }

    /// Returns the bytes that have not been returned yet. After the end of the picture, these do not belong to it.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Returns `None` after the end of the picture.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'a>>, Error> {
        match self.state {
            State::Begin => {
                self.state = State::Segments;
                self.take(2).map(Piece::Begin)
            }
            State::Segments => self.segment(),
            State::Pixels => {
                self.state = State::Segments;
                self.take(pixels(self.rest)?).map(Piece::Pixels)
            }
            State::End => return Ok(None),
        }
        .map(Some)
    }

    fn segment(&mut self) -> Result<Piece<'a>, Error> {
        match *self.rest {
            [0xff, END, ..] => {
                self.state = State::End;
                self.take(2).map(Piece::End)
            }
            [0xff, 0x01 | 0xd0..=BEGIN, ..] => self.take(2).map(Piece::Stray),
            [0xff, marker @ 0xc0..=0xfe, a, b, ..] => {
                let len = usize::from(u16::from_be_bytes([a, b]));
                if len < 2 {
                    return Err(Error::Damaged);
                }
                let raw = self.take(2 + len)?;
                if marker == SCAN {
                    self.state = State::Pixels;
                }
                Ok(Piece::Segment { marker, raw, body: raw.get(4..).unwrap_or_default() })
            }
            // Markers without a meaning.
            [0xff, 0x02..=0xbf, ..] => Err(Error::Damaged),
            // Skips to the next byte that could begin a marker.
            [_, ref rest @ ..] => {
                let len = rest.iter().position(|byte| *byte == 0xff).ok_or(Error::CutOff)?;
                self.take(1 + len).map(Piece::Stray)
            }
            [] => Err(Error::CutOff),
        }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Error::CutOff)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// Returns the length of the coded pixels. In them, a byte 0xff is followed by 0 or by the number of a restart marker.
fn pixels(bytes: &[u8]) -> Result<usize, Error> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += rest.iter().position(|byte| *byte == 0xff).ok_or(Error::CutOff)?;
        match bytes.get(at + 1).ok_or(Error::CutOff)? {
            0 | 0xd0..=0xd7 => at += 2,
            // This is a fill byte.
            0xff => at += 1,
            _ => return Ok(at),
        }
    }
}
