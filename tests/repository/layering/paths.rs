//! Which paths a file names, and which files they lead to.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::File;

/// A path from the crate's root, with the name at its end.
pub(super) type Names = Vec<String>;

/// A path that a file names.
pub(super) struct Named {
    pub(super) path: Names,
    /// The file has no use for it: `pub use` hands it on, or it is the scope in `pub(in path)`.
    pub(super) unused: bool,
}

/// All paths that start with `crate::`, climb with `super::`, or go down into a module that the file declares.
pub(super) fn paths(file: &File) -> Vec<Named> {
    let tokens = &file.tokens;
    let text = |i: usize| tokens.get(i).map_or("", String::as_str);
    let own = segments(&file.module);
    let children: BTreeSet<&str> =
        (1..tokens.len()).filter(|i| text(i - 1) == "mod" && text(i + 1) == ";").map(text).collect();
    let mut found = Vec::new();
    // The braces that are open: `true` where one is the body of an inline module.
    let mut open: Vec<bool> = Vec::new();
    // Where the `use` that is open ends, and whether it is public.
    let mut uses = (0, false);

    let mut i = 0;
    while i < tokens.len() {
        match text(i) {
            "{" => open.push(i >= 2 && text(i - 2) == "mod"),
            "}" => {
                open.pop();
            }
            "use" => {
                let end = (i..tokens.len()).find(|at| text(*at) == ";").unwrap_or(tokens.len());
                uses = (end, i > 0 && matches!(text(i - 1), "pub" | ")"));
            }
            word @ ("crate" | "super" | "self") => {
                // Inside of inline modules the names between do not matter: only how far a path climbs.
                let mut from = own.clone();
                from.extend(open.iter().filter(|is_module| **is_module).map(|_| "_".to_owned()));
                climb(&mut from, word);
                while text(i + 1) == "::" && text(i + 2) == "super" {
                    i += 2;
                    climb(&mut from, "super");
                }
                if text(i + 1) == "::" {
                    let (start, is_scope) = (found.len(), i > 1 && text(i - 1) == "in" && text(i - 2) == "(");
                    expand(tokens, i + 2, from, &mut found);
                    mark(&mut found[start..], i < uses.0 && uses.1, tokens, uses.0);
                    found[start..].iter_mut().for_each(|named| named.unused |= is_scope);
                } else if from.is_empty() && text(i + 1) == "as" {
                    // `use crate as c;` would hide every path that follows.
                    found.push(Named { path: vec![text(i).to_owned()], unused: false });
                }
            }
            child if children.contains(child) && text(i + 1) == "::" && (i == 0 || text(i - 1) != "::") => {
                let start = found.len();
                expand(tokens, i, own.clone(), &mut found);
                mark(&mut found[start..], i < uses.0 && uses.1, tokens, uses.0);
            }
            _ => {}
        }
        i += 1;
    }
    found
}

fn climb(from: &mut Names, word: &str) {
    match word {
        "crate" => from.clear(),
        "super" => {
            from.pop();
        }
        _ => {}
    }
}

/// The paths of the tree that starts at `i`; returns the index after it.
fn expand(tokens: &[String], mut i: usize, prefix: Names, found: &mut Vec<Named>) -> usize {
    let text = |i: usize| tokens.get(i).map_or("", String::as_str);
    if text(i) == "{" {
        i += 1;
        while i < tokens.len() && text(i) != "}" {
            i = expand(tokens, i, prefix.clone(), found);
            while i < tokens.len() && !matches!(text(i), "," | "}") {
                i += 1; // as name
            }
            i += usize::from(text(i) == ",");
        }
        return i + 1;
    }
    let mut path = prefix;
    match text(i) {
        "self" => {}
        name => path.push(name.to_owned()),
    }
    let goes_on = text(i + 1) == "::" && text(i + 2) != "<";
    if goes_on {
        return expand(tokens, i + 2, path, found);
    }
    found.push(Named { path, unused: false });
    i + 1
}

/// Tells a name that is only handed on from one that the file needs itself.
fn mark(named: &mut [Named], public: bool, tokens: &[String], end: usize) {
    for name in named.iter_mut().filter(|_| public) {
        let last = name.path.last();
        let outside = tokens[..end].iter().filter(|token| Some(*token) == last).count() > 1
            || tokens[end..].iter().any(|token| Some(token) == last);
        name.unused = !outside;
    }
}

/// The files, and what they hand on.
pub(super) struct Map {
    /// What each file hands on: the name, and where it leads.
    modules: BTreeMap<String, Vec<(String, Names)>>,
    /// What each file defines.
    defined: BTreeMap<String, BTreeSet<String>>,
}

impl Map {
    pub(super) fn of(files: &[File]) -> Self {
        let handed_on = |file: &File| {
            let public = public_uses(file);
            (file.module.clone(), public)
        };
        Self {
            modules: files.iter().map(handed_on).collect(),
            defined: files.iter().map(|file| (file.module.clone(), definitions(file))).collect(),
        }
    }

    /// The file in which the thing at a path lives; `None` outside of the crate.
    pub(super) fn file_of(&self, path: &[String]) -> Option<&str> {
        self.follow(path, 8)
    }

    fn follow(&self, path: &[String], left: u8) -> Option<&str> {
        let module = (0..=path.len())
            .rev()
            .map(|len| path[..len].join("::"))
            .find(|module| self.modules.contains_key(module))?;
        let (module, uses) = self.modules.get_key_value(&module)?;
        let rest = &path[segments(module).len()..];
        let Some(name) = rest.first().filter(|_| left > 0) else { return Some(module) };
        if self.defined[module].contains(name) {
            return Some(module);
        }
        let by_name = uses.iter().find(|(handed, _)| handed == name).map(|(_, to)| to.clone());
        let by_glob = || {
            let globs = uses.iter().filter(|(handed, _)| handed == "*").map(|(_, to)| to[..to.len() - 1].to_vec());
            let mut inside = globs.map(|glob| [glob, rest.to_vec()].concat());
            inside.find(|to| self.follow(to, left - 1).is_some_and(|file| self.defined[file].contains(name)))
        };
        match by_name.or_else(by_glob) {
            Some(to) => self.follow(&to, left - 1),
            None => Some(module),
        }
    }
}

/// The names that `pub use` hands on, with where they lead. A name that is changed on the way counts by its old name.
fn public_uses(file: &File) -> Vec<(String, Names)> {
    let tokens = &file.tokens;
    let starts = (1..tokens.len()).filter(|i| tokens[*i] == "use" && matches!(tokens[i - 1].as_str(), "pub" | ")"));
    let mut found = Vec::new();
    for start in starts {
        let end = (start..tokens.len()).find(|at| tokens[*at] == ";").unwrap_or(tokens.len());
        let inside = tokens[start..=end.min(tokens.len() - 1)].to_vec();
        // Declares the children again, so that paths into them are seen.
        let declared = (1..tokens.len().saturating_sub(1)).filter(|i| tokens[i - 1] == "mod" && tokens[i + 1] == ";");
        let children = declared.flat_map(|i| ["mod".to_owned(), tokens[i].clone(), ";".to_owned()]);
        let piece = File { module: file.module.clone(), tokens: children.chain(inside).collect() };
        found.extend(paths(&piece).into_iter().filter_map(|named| Some((named.path.last()?.clone(), named.path))));
    }
    found
}

/// The names of types, functions, constants and macros that a file defines.
fn definitions(file: &File) -> BTreeSet<String> {
    let words = ["fn", "struct", "enum", "union", "trait", "const", "static", "type"];
    let tokens = &file.tokens;
    let after = (1..tokens.len()).filter(|i| words.contains(&tokens[i - 1].as_str())).map(|i| tokens[i].clone());
    let macros = (2..tokens.len()).filter(|i| tokens[i - 2] == "macro_rules").map(|i| tokens[i].clone());
    after.chain(macros).collect()
}

pub(super) fn segments(module: &str) -> Names {
    module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
