//! Objects of the package's data classes.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

/// Builds an object of a frozen data class: `make!(py, "events" Sent { id: 1, date: 2 })`. It names each field.
///
/// The class's own constructor would set each field by a call of Python. This fills the object's fields itself, which is
/// several times faster; the package's tests compare them with the class.
macro_rules! make {
    ($py:expr, $module:literal $class:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        static CLASS: pyo3::sync::PyOnceLock<pyo3::Py<pyo3::types::PyType>> = pyo3::sync::PyOnceLock::new();
        let py: pyo3::Python<'_> = $py;
        let class = CLASS.import(py, concat!("secretchat.", $module), stringify!($class))?;
        let object = $crate::make::empty(class)?;
        let _fields = $crate::make::fields(&object)?;
        $(_fields.set_item(pyo3::intern!(py, stringify!($field)), $value)?;)*
        object
    }};
}

pub(crate) use make;

/// Returns the fields of an object.
pub(crate) fn fields<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    Ok(object.getattr(intern!(object.py(), "__dict__"))?.cast_into()?)
}

/// Returns the name of an object's class.
pub(crate) fn class_of(object: &Bound<'_, PyAny>) -> PyResult<String> {
    object.get_type().name()?.extract()
}

/// Returns an object of a class without its fields.
pub(crate) fn empty<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    class.call_method1(intern!(class.py(), "__new__"), (class,))
}
