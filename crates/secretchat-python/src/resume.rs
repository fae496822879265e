//! Files that are sealed and opened in several runs of a program.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::media::{self, Plan, Resuming};

use crate::error::OrRaise;
use crate::host::Host;
use crate::media::{MediaKey, all, counted, finished};
use crate::names::file_form;

/// The key of a program for its resume tokens: 32 random bytes, the same for all files.
#[pyclass(frozen, module = "secretchat.media")]
pub(crate) struct ResumeKey(media::ResumeKey);

#[pymethods]
impl ResumeKey {
    #[new]
    fn new(key: [u8; 32]) -> Self {
        Self(media::ResumeKey::new(key))
    }

    fn __repr__(&self) -> &'static str {
        "ResumeKey(..)"
    }
}

/// The first reading of a file that is to be sealed: it takes all of the content, and then gives the encryptor.
#[pyclass(module = "secretchat.media")]
pub(crate) struct EncryptionPlan(Option<Plan<media::ResumableMediaEncryptor>>);

#[pymethods]
impl EncryptionPlan {
    /// Begins a file of `size` bytes under a new key. `form` is `Chat.file_form`.
    #[new]
    #[pyo3(signature = (size, form = "segments", *, random = None))]
    fn new(py: Python<'_>, size: u64, form: &str, random: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let form = file_form(form)?;
        let plan = Host::new(random, None).draw(py, |rng| media::ResumableMediaEncryptor::plan(form, size, rng))?;
        Ok(Self(Some(plan.or_raise()?)))
    }

    /// Takes the next bytes of the content, in pieces of any length.
    fn take(&mut self, py: Python<'_>, content: &[u8]) -> PyResult<()> {
        let plan = self.0.as_mut().ok_or_else(finished)?;
        py.detach(|| plan.take(content)).or_raise()
    }

    /// Returns the encryptor, and the token of its start. Store its key and the token before the first byte leaves.
    #[pyo3(signature = (host, *, random = None))]
    fn finish<'py>(
        &mut self,
        py: Python<'py>,
        host: &ResumeKey,
        random: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(ResumableMediaEncryptor, Bound<'py, PyBytes>)> {
        let plan = self.0.take().ok_or_else(finished)?;
        let (run, token) = Host::new(random, None).draw(py, |rng| plan.finish(&host.0, rng))?.or_raise()?;
        Ok((ResumableMediaEncryptor(Some(run)), PyBytes::new(py, &token)))
    }
}

/// The two directions have the same methods.
macro_rules! run {
    ($(#[$doc:meta])* $name:ident, $(#[$update:meta])* update, $(#[$more:meta])* $resuming:ident, {$($extra:item)*}) => {
        $(#[$doc])*
        #[pyclass(module = "secretchat.media")]
        pub(crate) struct $name(Option<media::$name>);

        #[pymethods]
        impl $name {
            /// Goes on where a token was sealed, once the content was shown again.
            #[staticmethod]
            fn resume(key: &MediaKey, size: u64, token: &[u8], host: &ResumeKey) -> PyResult<$resuming> {
                Ok($resuming(Some(media::$name::resume(&key.0, size, token, &host.0).or_raise()?)))
            }

            /// The place in the sealed file where this run goes on.
            #[getter]
            fn place(&self) -> PyResult<u64> {
                Ok(self.0.as_ref().ok_or_else(finished)?.place())
            }

            /// Seals where the run is, behind what came out so far.
            #[pyo3(signature = (host, *, random = None))]
            fn token<'py>(
                &self,
                py: Python<'py>,
                host: &ResumeKey,
                random: Option<&Bound<'py, PyAny>>,
            ) -> PyResult<Bound<'py, PyBytes>> {
                let run = self.0.as_ref().ok_or_else(finished)?;
                Ok(PyBytes::new(py, &Host::new(random, None).draw(py, |rng| run.token(&host.0, rng))?))
            }

            $(#[$update])*
            fn update<'py>(&mut self, py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
                let run = self.0.as_mut().ok_or_else(finished)?;
                all(py, bytes, |rest, to| run.update(rest).map(|part| to.extend_from_slice(part)))
            }

            /// Ends the file. Raises `MediaError` if it is not whole.
            fn finish(&mut self) -> PyResult<()> {
                self.0.take().ok_or_else(finished)?.finish().or_raise()
            }

            /// How many bytes of the content are done, and how many there are.
            #[getter]
            fn progress(&self) -> PyResult<(u64, u64)> {
                Ok(counted(self.0.as_ref().ok_or_else(finished)?.progress()))
            }

            $($extra)*
        }

        $(#[$more])*
        #[pyclass(module = "secretchat.media")]
        pub(crate) struct $resuming(Option<Resuming<media::$name>>);

        #[pymethods]
        impl $resuming {
            /// How many bytes of the content were done.
            #[getter]
            fn offset(&self) -> PyResult<u64> {
                Ok(self.0.as_ref().ok_or_else(finished)?.offset())
            }

            /// Takes the next bytes of the content, from its start on and in pieces of any length.
            fn check(&mut self, py: Python<'_>, content: &[u8]) -> PyResult<()> {
                let resuming = self.0.as_mut().ok_or_else(finished)?;
                py.detach(|| resuming.check(content)).or_raise()
            }

            /// Returns the run. Raises `MediaError` if the content is another one: start over then, with a new key.
            fn finish(&mut self) -> PyResult<$name> {
                Ok($name(Some(self.0.take().ok_or_else(finished)?.finish().or_raise()?)))
            }
        }
    };
}

run! {
    /// Seals one file so that it can go on after an interruption, with the bytes that would have come then. `EncryptionPlan`
    /// makes it.
    ResumableMediaEncryptor,
    /// Takes a piece of the file, and returns sealed bytes, which may be none. Raises `MediaError` if the content is not the
    /// one that was planned.
    update,
    /// An encryptor that waits until all of the content is shown again.
    ResumingMediaEncryptor,
    {
        /// The key of the file.
        #[getter]
        fn key(&self) -> PyResult<MediaKey> {
            Ok(MediaKey(self.0.as_ref().ok_or_else(finished)?.key().duplicate()))
        }

        /// The length of the sealed file in bytes.
        #[getter]
        fn encrypted_len(&self) -> PyResult<u64> {
            Ok(self.0.as_ref().ok_or_else(finished)?.encrypted_len())
        }
    }
}

run! {
    /// Opens one file so that it can go on after an interruption.
    ResumableMediaDecryptor,
    /// Takes a piece of the sealed file, and returns bytes of its content, which may be none.
    update,
    /// A decryptor that waits until the content that came out is shown again.
    ResumingMediaDecryptor,
    {
        #[new]
        fn new(key: &MediaKey, size: u64) -> PyResult<Self> {
            Ok(Self(Some(media::ResumableMediaDecryptor::new(&key.0, size).or_raise()?)))
        }
    }
}
