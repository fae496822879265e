//! Frames of the package, to and from bytes.

use std::time::Duration;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyTuple};
use secretchat::frame::{self, ChatTag, FileId, FragmentBounds, Frame, Ranges};
use secretchat::{DiscardProof, History, KeyFingerprint, Timestamp, TransmitId};

use crate::error::OrRaise;
use crate::make::{class_of, make};
use crate::names::of_name;
use crate::output::{proof, unknown};

/// A tag of 16 bytes, and a frame.
type Tagged<'py> = (Bound<'py, PyBytes>, Bound<'py, PyAny>);

/// Returns the bytes of a frame of `secretchat.frames` with a tag of 16 bytes.
#[pyfunction]
pub(crate) fn encode<'py>(py: Python<'py>, tag: [u8; 16], frame: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let encoded = with_frame(frame, |frame| frame::encode(ChatTag(tag), frame))?.or_raise()?;
    Ok(PyBytes::new(py, &encoded))
}

/// Reads one whole frame, such as a datagram, and returns its tag and the frame. Raises `FrameError`.
#[pyfunction]
pub(crate) fn decode_one<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Tagged<'py>> {
    let (tag, frame) = frame::decode_one(bytes).or_raise()?;
    tagged(py, tag, &frame)
}

/// Cuts a frame into fragments for datagrams of at most `mtu` bytes.
#[pyfunction]
pub(crate) fn fragment<'py>(py: Python<'py>, frame: &[u8], mtu: usize) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    Ok(frame::fragment(frame, mtu).or_raise()?.map(|piece| PyBytes::new(py, &piece.to_vec())).collect())
}

/// Finds the frames in a stream of bytes that come in pieces of any length.
#[pyclass(module = "secretchat.frames")]
pub(crate) struct Decoder {
    decoder: frame::Decoder,
    /// The bytes that came, and how many of them the decoder has taken.
    bytes: Vec<u8>,
    taken: usize,
}

#[pymethods]
impl Decoder {
    #[new]
    fn new() -> Self {
        Self { decoder: frame::Decoder::new(), bytes: Vec::new(), taken: 0 }
    }

    /// Adds bytes, and returns this object, which gives tags and frames. Raises `FrameError` for a stream that is broken:
    /// end the connection then.
    fn feed(mut slf: PyRefMut<'_, Self>, bytes: &[u8]) -> Py<Self> {
        let taken = std::mem::take(&mut slf.taken);
        slf.bytes.drain(..taken);
        slf.bytes.extend_from_slice(bytes);
        slf.into()
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Tagged<'py>>> {
        let Self { decoder, bytes, taken } = self;
        let mut rest = &bytes[*taken..];
        let (all, next) = (bytes.len(), decoder.next_in(&mut rest).or_raise()?);
        *taken = all - rest.len();
        next.map(|(tag, frame)| tagged(py, tag, &frame)).transpose()
    }
}

/// Puts the fragments of frames together again.
#[pyclass(module = "secretchat.frames")]
pub(crate) struct Reassembler(frame::Reassembler);

#[pymethods]
impl Reassembler {
    /// Bounds what strangers can make this end keep. What is left out keeps its default.
    #[new]
    #[pyo3(signature = (*, frames = None, bytes = None, patience = None))]
    fn new(frames: Option<usize>, bytes: Option<usize>, patience: Option<Duration>) -> Self {
        let mut bounds = FragmentBounds::default();
        bounds.frames = frames.unwrap_or(bounds.frames);
        bounds.bytes = bytes.unwrap_or(bounds.bytes);
        bounds.patience = patience.unwrap_or(bounds.patience);
        Self(frame::Reassembler::new(bounds))
    }

    /// Takes a fragment that came at `now`, in milliseconds since 1970. Returns a tag and a frame when one is whole.
    fn take<'py>(&mut self, py: Python<'py>, fragment: &[u8], now: u64) -> PyResult<Option<Tagged<'py>>> {
        let whole = self.0.take(fragment, Timestamp::from_millis(now)).or_raise()?;
        whole.map(|(tag, frame)| tagged(py, tag, &frame)).transpose()
    }
}

fn tagged<'py>(py: Python<'py>, tag: ChatTag, frame: &Frame<'_>) -> PyResult<Tagged<'py>> {
    Ok((PyBytes::new(py, &tag.0), made(py, frame)?))
}

fn made<'py>(py: Python<'py>, frame: &Frame<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match frame {
        Frame::Request { public } => make!(py, "frames" Request { public: *public }),
        Frame::Accept { fingerprint, public } => {
            make!(py, "frames" Accept { public: *public, fingerprint: &fingerprint.to_bytes()[..] })
        }
        Frame::Ciphertext { transmit_id, file, bytes } => make!(py, "frames" Ciphertext {
            transmit_id: transmit_id.0, bytes: *bytes, file: file.as_ref().map(|file| &file.0[..]),
        }),
        Frame::Discard { history, proof: told } => {
            make!(py, "frames" Discard { history: history.name(), proof: proof(py, told.as_ref())? })
        }
        Frame::Receipt { transmit_id, proof } => make!(py, "frames" Receipt {
            transmit_id: transmit_id.0, proof: proof.as_ref().map(|proof| &proof[..]),
        }),
        Frame::FilePart { file_id, offset, total, bytes } => make!(py, "frames" FilePart {
            file_id: &file_id.0[..], offset: offset, total: total, bytes: *bytes,
        }),
        Frame::FileRequest { file_id, missing } => make!(py, "frames" FileRequest {
            file_id: &file_id.0[..],
            missing: PyTuple::new(py, missing.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>())?,
        }),
        Frame::FileCancel { file_id } => make!(py, "frames" FileCancel { file_id: &file_id.0[..] }),
        _ => return Err(unknown("this frame")),
    })
}

/// Calls `take` with a frame of the package, which is known by the name of its class.
pub(crate) fn with_frame<R>(object: &Bound<'_, PyAny>, take: impl FnOnce(&Frame<'_>) -> R) -> PyResult<R> {
    let bytes = |name| PyResult::Ok(object.getattr(name)?.extract::<PyBackedBytes>()?);
    let file = || Ok::<_, PyErr>(FileId(object.getattr("file_id")?.extract()?));
    let number = |name| object.getattr(name)?.extract::<u64>();
    Ok(match class_of(object)?.as_str() {
        "Request" => take(&Frame::Request { public: &bytes("public")? }),
        "Accept" => {
            let fingerprint = KeyFingerprint::from_bytes(object.getattr("fingerprint")?.extract()?);
            take(&Frame::Accept { fingerprint, public: &bytes("public")? })
        }
        "Ciphertext" => take(&Frame::Ciphertext {
            transmit_id: TransmitId(number("transmit_id")?),
            file: object.getattr("file")?.extract::<Option<[u8; 16]>>()?.map(FileId),
            bytes: &bytes("bytes")?,
        }),
        "Discard" => {
            let proof: Option<(u32, [u8; 32])> = object.getattr("proof")?.extract()?;
            take(&Frame::Discard {
                history: of_name::<History>(&object.getattr("history")?.extract::<String>()?)?,
                proof: proof.map(|(sent, mac)| DiscardProof { sent, mac }),
            })
        }
        "Receipt" => take(&Frame::Receipt {
            transmit_id: TransmitId(number("transmit_id")?),
            proof: object.getattr("proof")?.extract()?,
        }),
        "FilePart" => take(&Frame::FilePart {
            file_id: file()?,
            offset: number("offset")?,
            total: number("total")?,
            bytes: &bytes("bytes")?,
        }),
        "FileRequest" => {
            let missing: Vec<(u64, u64)> = object.getattr("missing")?.extract()?;
            let missing = missing.into_iter().map(|(start, end)| start..end).collect::<Ranges>().to_bytes();
            let missing = frame::RangeList::try_from(&missing[..]).or_raise()?;
            take(&Frame::FileRequest { file_id: file()?, missing })
        }
        "FileCancel" => take(&Frame::FileCancel { file_id: file()? }),
        other => return Err(PyTypeError::new_err(format!("{other} is no frame"))),
    })
}
