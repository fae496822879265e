use std::collections::{HashMap, HashSet};
use std::ops::Range;

use proc_macro2::{LineColumn, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::mutant::{Genre, Mutant};

/// A source file in which each mutant is there behind its switch.
#[derive(Debug)]
pub(crate) struct Switched {
    pub(crate) text: String,
    /// The mutants that are in it.
    pub(crate) numbers: Vec<u32>,
    /// The bytes of `text` that stand there for some mutants.
    pieces: Vec<(Range<usize>, Vec<u32>)>,
    /// The bytes of `text` that are what they were, between pieces that belong together.
    around: Vec<(Range<usize>, Vec<u32>)>,
}

/// Puts the mutants of one file behind switches. No line moves. A function that is `const` becomes one that is not, unless its
/// name is one of `constant`: then it has no mutants, since no switch can be asked at compile time.
///
/// # Panics
/// If `source` does not parse, which the compiler has found to be Rust.
#[must_use]
pub(crate) fn switched<'a>(
    source: &'a str,
    mutants: impl Iterator<Item = &'a Mutant>,
    constant: &HashSet<String>,
) -> Switched {
    let mut by_place: HashMap<(Genre, (usize, usize)), Vec<&Mutant>> = HashMap::new();
    for mutant in mutants {
        by_place.entry((mutant.genre, mutant.start)).or_default().push(mutant);
    }
    let mut finder = Finder { lines: lines(source), by_place, constant, nodes: Vec::new(), blanks: Vec::new() };
    finder.visit_file(&syn::parse_file(source).expect("a source file"));
    render(source, finder.nodes, &finder.blanks)
}

impl Switched {
    /// Returns the mutants that an error of the compiler at `place` is about: those whose text it is in, or else those around it.
    #[must_use]
    pub(crate) fn blamed(&self, place: &Range<usize>) -> Vec<u32> {
        let touches = |piece: &Range<usize>| piece.start < place.end && place.start < piece.end;
        let inside: Vec<u32> =
            self.pieces.iter().filter(|(piece, _)| touches(piece)).flat_map(|(_, numbers)| numbers.clone()).collect();
        if !inside.is_empty() {
            return inside;
        }
        let around = self.around.iter().filter(|(range, _)| range.start <= place.start && place.end <= range.end);
        around.min_by_key(|(range, _)| range.len()).map(|(_, numbers)| numbers.clone()).unwrap_or_default()
    }
}

/// Text to put before and behind a part of the source.
struct Node {
    range: Range<usize>,
    before: Vec<(String, Vec<u32>)>,
    behind: &'static str,
}

struct Finder<'a> {
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    by_place: HashMap<(Genre, (usize, usize)), Vec<&'a Mutant>>,
    constant: &'a HashSet<String>,
    nodes: Vec<Node>,
    blanks: Vec<Range<usize>>,
}

impl Finder<'_> {
    fn at(&self, genre: Genre, span: Span) -> Vec<Mutant> {
        let LineColumn { line, column } = span.start();
        let found = self.by_place.get(&(genre, (line, column + 1)));
        found.into_iter().flatten().map(|&mutant| mutant.clone()).collect()
    }

    /// All of the source is ASCII but some strings and comments, and no mutant stands behind one of those.
    fn bytes(&self, span: Span) -> Range<usize> {
        let byte = |place: LineColumn| self.lines[place.line - 1] + place.column;
        byte(span.start())..byte(span.end())
    }

    fn choose(&mut self, span: Span, choices: Vec<(u32, String)>) {
        if choices.is_empty() {
            return;
        }
        let mut before = Vec::new();
        for (i, (number, text)) in choices.into_iter().enumerate() {
            let opening = if i == 0 { "(" } else { " else " };
            before.push((format!("{opening}if crate::switch::on({number}) {{ {text} }}"), vec![number]));
        }
        before.push((" else { ".to_owned(), Vec::new()));
        self.nodes.push(Node { range: self.bytes(span), before, behind: " })" });
    }

    /// Returns whether the body may have switches.
    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) -> bool {
        if let Some(token) = signature.constness {
            if self.constant.contains(&signature.ident.to_string()) {
                return false;
            }
            let range = self.bytes(token.span());
            self.blanks.push(range);
        }
        if let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) {
            let range = self.bytes(first.span()).start..self.bytes(last.span()).end;
            let before = self
                .at(Genre::FnValue, first.span())
                .into_iter()
                .map(|mutant| {
                    let Mutant { number, replacement, .. } = mutant;
                    (format!("if crate::switch::on({number}) {{ return {replacement}; }} "), vec![number])
                })
                .collect();
            self.nodes.push(Node { range, before, behind: "" });
        }
        true
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if self.function(&item.sig, &item.block) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if self.function(&item.sig, &item.block) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let Some(block) = &item.default else { return };
        if self.function(&item.sig, block) {
            visit::visit_trait_item_fn(self, item);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_variant(&mut self, _: &'ast syn::Variant) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_expr_repeat(&mut self, expr: &'ast syn::ExprRepeat) {
        self.visit_expr(&expr.expr);
    }

    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        // The `&&` between `let`s is no operator.
        if !has_let(&expr.left) && !has_let(&expr.right) {
            let (left, right) = (expr.left.to_token_stream(), expr.right.to_token_stream());
            let mutants = self.at(Genre::BinaryOperator, expr.op.span());
            let choices = mutants.into_iter().map(|it| (it.number, format!("{left} {} {right}", it.replacement)));
            self.choose(expr.span(), choices.collect());
        }
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        let operand = expr.expr.to_token_stream().to_string();
        let mutants = self.at(Genre::UnaryOperator, expr.op.span());
        self.choose(expr.span(), mutants.into_iter().map(|it| (it.number, operand.clone())).collect());
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        let mut choices = Vec::new();
        for (i, field) in expr.fields.iter().enumerate() {
            for mutant in self.at(Genre::StructField, field.span()) {
                let kept = expr.fields.iter().enumerate().filter(|&(at, _)| at != i);
                let without =
                    syn::ExprStruct { fields: kept.map(|(_, field)| field.clone()).collect(), ..expr.clone() };
                choices.push((mutant.number, without.to_token_stream().to_string()));
            }
        }
        self.choose(expr.span(), choices);
        visit::visit_expr_struct(self, expr);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        // With no arm for all the rest, a deleted one is an error.
        let is_rest = |arm: &syn::Arm| arm.guard.is_none() && matches!(arm.pat, syn::Pat::Wild(_) | syn::Pat::Ident(_));
        if !expr.arms.iter().any(is_rest) {
            for arm in &expr.arms {
                let LineColumn { line, column } = arm.span().start();
                self.by_place.remove(&(Genre::MatchArm, (line, column + 1)));
            }
        }
        visit::visit_expr_match(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let deleted: Vec<u32> = self.at(Genre::MatchArm, arm.span()).iter().map(|mutant| mutant.number).collect();
        match &arm.guard {
            Some((_, guard)) => {
                let mut before = Vec::new();
                for mutant in self.at(Genre::MatchArmGuard, guard.span()) {
                    let (not, operator) = if mutant.replacement == "true" { ("", "||") } else { ("!", "&&") };
                    let Mutant { number, .. } = mutant;
                    before.push((format!("{not}crate::switch::on({number}) {operator} ("), vec![number]));
                }
                for number in deleted {
                    before.push((format!("!crate::switch::on({number}) && ("), vec![number]));
                }
                let behind = [")", "))", ")))"];
                if let Some(behind) = before.len().checked_sub(1).map(|last| behind[last]) {
                    self.nodes.push(Node { range: self.bytes(guard.span()), before, behind });
                }
            }
            None => {
                let end = self.bytes(arm.pat.span()).end;
                let before =
                    deleted.into_iter().map(|it| (format!(" if !crate::switch::on({it})"), vec![it])).collect();
                self.nodes.push(Node { range: end..end, before, behind: "" });
            }
        }
        visit::visit_arm(self, arm);
    }
}

fn has_let(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

fn lines(source: &str) -> Vec<usize> {
    let behind_ends = source.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at + 1);
    [0].into_iter().chain(behind_ends).collect()
}

fn render(source: &str, mut nodes: Vec<Node>, blanks: &[Range<usize>]) -> Switched {
    nodes.retain(|node| !node.before.is_empty());
    // What is empty goes before what begins at its place; of those that begin together, the outer one first.
    nodes.sort_by_key(|node| (node.range.start, !node.range.is_empty(), usize::MAX - node.range.end));
    let mut out = Switched { text: String::new(), numbers: Vec::new(), pieces: Vec::new(), around: Vec::new() };
    let mut open: Vec<(usize, &'static str, usize, Vec<u32>)> = Vec::new();
    let mut nodes = nodes.into_iter().peekable();
    for at in 0..=source.len() {
        while open.last().is_some_and(|last| last.0 == at) {
            let (_, behind, start, numbers) = open.pop().expect("looked at");
            out.around.push((start..out.text.len(), numbers));
            out.text.push_str(behind);
        }
        while nodes.peek().is_some_and(|node| node.range.start == at) {
            let node = nodes.next().expect("looked at");
            let mut numbers = Vec::new();
            for (text, of) in node.before {
                out.pieces.push((out.text.len()..out.text.len() + text.len(), of.clone()));
                out.text.push_str(&text);
                numbers.extend(of);
            }
            out.numbers.extend(&numbers);
            if !node.range.is_empty() {
                open.push((node.range.end, node.behind, out.text.len(), numbers));
            }
        }
        // Bytes go over one by one; those of a longer character come with its first one.
        if source.is_char_boundary(at)
            && let Some(character) = source[at..].chars().next()
        {
            let blank = blanks.iter().any(|range| range.contains(&at));
            out.text.push(if blank { ' ' } else { character });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(number: u32, genre: Genre, start: (usize, usize), replacement: &str) -> Mutant {
        let (name, file) = ("a mutant".to_owned(), "src/lib.rs".to_owned());
        Mutant { number, name, file, start, genre, replacement: replacement.to_owned() }
    }

    #[test]
    fn each_mutant_stands_behind_its_switch() {
        let source = "const fn f(a: u8) -> bool { !(a < 3) }";
        let mutants = [
            mutant(1, Genre::FnValue, (1, 29), "true"),
            mutant(2, Genre::UnaryOperator, (1, 29), ""),
            mutant(3, Genre::BinaryOperator, (1, 33), ">"),
        ];
        let file = switched(source, mutants.iter(), &HashSet::new());
        assert_eq!(
            file.text,
            "      fn f(a: u8) -> bool { if crate::switch::on(1) { return true; } \
             (if crate::switch::on(2) { (a < 3) } else { !((if crate::switch::on(3) { a > 3 } else { a < 3 })) }) }"
        );
        assert_eq!(file.numbers, [1, 2, 3]);
        let place = file.text.find("a > 3").unwrap();
        assert_eq!(file.blamed(&(place..place + 5)), [3]);
        let around = file.text.rfind("a < 3").unwrap();
        assert_eq!(file.blamed(&(around..around + 5)), [3]);
    }

    #[test]
    fn arms_and_guards_and_fields() {
        let source = "fn f(a: u8) -> S { match a { 1 => x(), n if n > 4 => S { b: n, ..S }, _ => y() } }";
        let mutants = [
            mutant(1, Genre::MatchArm, (1, 30), ""),
            mutant(2, Genre::MatchArmGuard, (1, 45), "true"),
            mutant(3, Genre::MatchArmGuard, (1, 45), "false"),
            mutant(4, Genre::StructField, (1, 58), ""),
        ];
        let file = switched(source, mutants.iter(), &HashSet::new());
        assert_eq!(
            file.text,
            "fn f(a: u8) -> S { match a { 1 if !crate::switch::on(1) => x(), \
             n if crate::switch::on(2) || (!crate::switch::on(3) && (n > 4)) => \
             (if crate::switch::on(4) { S { .. S } } else { S { b: n, ..S } }), _ => y() } }"
        );
    }

    /// A switch cannot be asked at compile time, and a `let` is no operand.
    #[test]
    fn constants_and_lets_stay() {
        let source =
            "const fn f(a: u8) -> bool { a < 3 }\nfn g(a: Option<u8>) -> bool { if let Some(b) = a && b > 1 { h() } }";
        let mutants = [mutant(1, Genre::BinaryOperator, (1, 31), ">"), mutant(2, Genre::BinaryOperator, (2, 50), "||")];
        let file = switched(source, mutants.iter(), &HashSet::from(["f".to_owned()]));
        assert_eq!((file.text.as_str(), file.numbers.len()), (source, 0));
    }
}
