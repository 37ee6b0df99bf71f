//! Functions: no longer than a screen, unless the line above says `// long: why`.

use std::path::Path;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Lines a function may have, from `fn` to its closing brace.
const LONGEST: usize = 60;

struct Functions(Vec<(String, Span)>);

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, function.block.span());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, function.block.span());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block.span());
        }
        visit::visit_trait_item_fn(self, function);
    }
}

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: Span) {
        let whole = signature.span().join(block).unwrap_or(block);
        self.0.push((signature.ident.to_string(), whole));
    }
}

fn complaints(path: &Path, text: &str) -> Vec<String> {
    let file = match syn::parse_file(text) {
        Ok(file) => file,
        Err(error) => return vec![format!("{}: {error}", path.display())],
    };
    let mut functions = Functions(Vec::new());
    functions.visit_file(&file);
    let lines: Vec<&str> = text.lines().collect();
    let mut complaints = Vec::new();
    for (name, span) in functions.0 {
        let (start, end) = (span.start().line, span.end().line);
        let length = end + 1 - start;
        if length > LONGEST && !excused(&lines, start) {
            complaints.push(format!(
                "{}:{start}: `{name}` has {length} lines; split it, or say why above it: `// long: …`",
                path.display()
            ));
        }
    }
    complaints
}

/// Whether the comments and attributes right above a function hold the excuse. `start` counts from 1.
fn excused(lines: &[&str], start: usize) -> bool {
    let above = lines[..start - 1]
        .iter()
        .rev()
        .map(|line| line.trim_start());
    above
        .take_while(|line| line.starts_with("//") || line.starts_with("#["))
        .any(|line| line.starts_with("// long: "))
}

#[test]
fn functions_fit_on_a_screen() {
    let sources = super::sources();
    let all = sources
        .iter()
        .flat_map(|(path, text)| complaints(path, text));
    super::none(&all.collect::<Vec<_>>());
}

#[test]
fn a_long_function_is_noticed_wherever_it_stands() {
    let of = |text: &str| complaints(Path::new("x.rs"), text).len();
    let body = "    f(\"}\"); // }\n".repeat(LONGEST - 2);
    let short = format!("fn a() {{\n{body}}}\n");
    let long = format!("fn a() {{\n{body}    g();\n}}\n");
    assert_eq!(of(&short), 0);
    assert_eq!(of(&long), 1);
    assert_eq!(of(&format!("impl T {{ {long} }}")), 1);
    assert_eq!(of(&format!("trait T {{ {long} }}")), 1);
    assert_eq!(of(&format!("mod m {{ fn o() {{ {long} }} }}")), 2);
    assert_eq!(of(&format!("// long: one table\n#[test]\n{long}")), 0);
    assert_eq!(of("fn broken( {"), 1);
}
