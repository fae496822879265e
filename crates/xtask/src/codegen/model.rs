//! What things are called in Rust, and which of them borrow.

use std::collections::{HashMap, HashSet};

use crate::tl::{self, Field, Kind};

pub(super) struct Model<'s> {
    /// In the order of the schema.
    pub(super) types: Vec<Type<'s>>,
    /// The types that hold bytes, directly or not.
    borrowing: HashSet<&'s str>,
}

/// A type: a struct if it has one constructor, else an enum.
pub(super) struct Type<'s> {
    pub(super) name: &'s str,
    pub(super) constructors: Vec<Constructor<'s>>,
}

pub(super) struct Constructor<'s> {
    pub(super) tl: &'s tl::Constructor,
    /// The struct of its fields.
    pub(super) name: String,
    /// Its variant in the enum.
    pub(super) variant: String,
    /// Whether the struct borrows.
    pub(super) borrows: bool,
}

impl<'s> Model<'s> {
    pub(super) fn new(constructors: &'s [tl::Constructor]) -> Self {
        let borrowing = borrowing(constructors);
        let mut layers: HashMap<&str, usize> = HashMap::new();
        for constructor in constructors {
            *layers.entry(&constructor.name).or_default() += 1;
        }

        let mut types: Vec<Type<'s>> = Vec::new();
        for tl in constructors {
            let constructor = Constructor {
                tl,
                name: struct_name(tl, layers[tl.name.as_str()] > 1),
                variant: variant_name(tl, layers[tl.name.as_str()] > 1),
                borrows: tl.fields.iter().any(|field| borrows(&field.kind, &borrowing)),
            };
            match types.iter_mut().find(|ty| ty.name == tl.result) {
                Some(ty) => ty.constructors.push(constructor),
                None => types.push(Type { name: &tl.result, constructors: vec![constructor] }),
            }
        }
        for ty in &mut types {
            if let [constructor] = &mut ty.constructors[..] {
                constructor.name = ty.name.to_owned();
            }
        }
        Self { types, borrowing }
    }

    pub(super) fn borrows(&self, ty: &Type<'_>) -> bool {
        self.borrowing.contains(ty.name)
    }

    /// The Rust type of a field; `None` for one that takes no bytes.
    pub(super) fn field_type(&self, fields: &[Field], field: &Field) -> Option<String> {
        let ty = match &field.kind {
            Kind::True => return None,
            Kind::Flags => format!("Flags<{}>", hex(mask(fields))),
            kind => self.kind_type(kind),
        };
        Some(if field.bit.is_some() { format!("Option<{ty}>") } else { ty })
    }

    fn kind_type(&self, kind: &Kind) -> String {
        match kind {
            Kind::Flags | Kind::True => unreachable!("the parser allows these as fields only"),
            Kind::Int => "i32".to_owned(),
            Kind::Long => "i64".to_owned(),
            Kind::Double => "Double".to_owned(),
            Kind::Bytes => "Bytes<'a>".to_owned(),
            Kind::Vector(item) => format!("Vector<'a, {}>", self.kind_type(item)),
            Kind::Type(name) if self.borrowing.contains(name.as_str()) => format!("{name}<'a>"),
            Kind::Type(name) => name.clone(),
        }
    }
}

impl Type<'_> {
    pub(super) fn is_struct(&self) -> bool {
        self.constructors.len() == 1
    }
}

impl Constructor<'_> {
    /// Whether it has no fields and so no struct.
    pub(super) fn is_unit(&self) -> bool {
        self.tl.fields.is_empty()
    }

    /// The fields that take bytes.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.tl.fields.iter().filter(|field| field.kind != Kind::True)
    }

    /// The flags that are a bit only.
    pub(super) fn bits(&self) -> impl Iterator<Item = (&str, u32)> {
        let bits = self.tl.fields.iter().filter(|field| field.kind == Kind::True);
        bits.filter_map(|field| Some((field.name.as_str(), field.bit?)))
    }

    /// The flags that say whether there is a field.
    pub(super) fn optional(&self) -> impl Iterator<Item = (&str, u32)> {
        self.fields().filter_map(|field| Some((field.name.as_str(), field.bit?)))
    }

    pub(super) fn has_flags(&self) -> bool {
        self.tl.fields.iter().any(|field| field.kind == Kind::Flags)
    }
}

/// The least set of types such that whoever holds one of them, or bytes, is in it.
fn borrowing(constructors: &[tl::Constructor]) -> HashSet<&str> {
    let mut found = HashSet::new();
    loop {
        let before = found.len();
        for constructor in constructors {
            if constructor.fields.iter().any(|field| borrows(&field.kind, &found)) {
                found.insert(constructor.result.as_str());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn borrows(kind: &Kind, borrowing: &HashSet<&str>) -> bool {
    match kind {
        Kind::Bytes | Kind::Vector(_) => true,
        Kind::Type(name) => borrowing.contains(name.as_str()),
        Kind::Flags | Kind::True | Kind::Int | Kind::Long | Kind::Double => false,
    }
}

/// The constructor's name without `DecryptedMessage`; with its layer if that does not make it unique.
fn struct_name(tl: &tl::Constructor, in_many_layers: bool) -> String {
    let name = words(&tl.name).concat();
    let name = match name.strip_prefix("DecryptedMessage") {
        Some(rest) if !rest.is_empty() => rest,
        _ => &name,
    };
    if in_many_layers || name == tl.result { format!("{name}{}", tl.layer) } else { name.to_owned() }
}

/// The words of the constructor's name that are not the type's; with its layer if that does not make it unique.
fn variant_name(tl: &tl::Constructor, in_many_layers: bool) -> String {
    let (name, result) = (words(&tl.name), words(&tl.result));
    let start = name.iter().zip(&result).take_while(|(a, b)| a == b).count();
    let (name, rest) = (&name[start..], &result[start..]);
    let end = name.iter().rev().zip(rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let own = name[..name.len() - end].concat();
    let own = if own.is_empty() { result[result.len() - 1].clone() } else { own };
    if in_many_layers { format!("{own}{}", tl.layer) } else { own }
}

/// `sendMessageAction` is `Send`, `Message`, `Action`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_capital = true;
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if after_capital || !c.is_ascii_uppercase() => word.push(c),
            Some(_) => words.push(c.to_string()),
            None => words.push(c.to_ascii_uppercase().to_string()),
        }
        after_capital = c.is_ascii_uppercase();
    }
    words
}

/// The bits that say whether there is a field.
fn mask(fields: &[Field]) -> u32 {
    let optional = fields.iter().filter(|field| field.kind != Kind::True);
    optional.filter_map(|field| field.bit).fold(0, |mask, bit| mask | 1 << bit)
}

/// A number as Rust source.
pub(super) fn hex(number: u32) -> String {
    if number == 0 { "0".to_owned() } else { format!("0x{:04x}_{:04x}", number >> 16, number & 0xffff) }
}

/// A field's name as Rust source.
pub(super) fn ident(name: &str) -> &str {
    if name == "type" { "r#type" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_the_type_does_not() {
        let schema = tl::parse(
            "// layer 1\n\
             decryptedMessage#00000001 x:int = DecryptedMessage;\n\
             decryptedMessageService#00000002 x:int = DecryptedMessage;\n\
             decryptedMessageActionSetMessageTTL#00000003 x:int = Action;\n\
             sendMessageRecordAudioAction#00000004 x:int = SendMessageAction;\n\
             photoSize#00000005 x:int = PhotoSize;\n\
             photoCachedSize#00000006 x:int = PhotoSize;\n\
             \n// layer 2\n\
             decryptedMessage#00000007 x:int = DecryptedMessage;\n",
        )
        .unwrap();
        let model = Model::new(&schema);
        let constructors = model.types.iter().filter(|ty| !ty.is_struct()).flat_map(|ty| &ty.constructors);
        let names: Vec<_> = constructors.map(|c| (c.variant.as_str(), c.name.as_str())).collect();
        let expected = [
            ("Message1", "DecryptedMessage1"),
            ("Service", "Service"),
            ("Message2", "DecryptedMessage2"),
            ("Size", "PhotoSize1"),
            ("Cached", "PhotoCachedSize"),
        ];
        assert_eq!(names, expected);
        assert_eq!(model.types[1].constructors[0].variant, "DecryptedMessageActionSetMessageTTL");
        assert_eq!(model.types[2].constructors[0].variant, "RecordAudio");
    }
}
