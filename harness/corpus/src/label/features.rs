//! What the rubric looks at, gathered in one walk over the syntax tree.

use std::collections::{BTreeSet, HashSet};

use tree_sitter::Node;

use crate::python::{Place, is_docstring, is_standard_module, parse, source, walk};

/// Facts about a Python source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Features {
    /// Whether some of it isn't Python.
    pub has_syntax_errors: bool,
    /// Lines of each function, its signature and docstring included.
    pub function_lines: Vec<usize>,
    /// Functions, classes, and the module itself.
    pub definitions: usize,
    /// Those that have a docstring.
    pub documented: usize,
    /// Deepest nesting of `if`, `for`, `while`, `with`, `try` and `match` within a function or the module.
    pub nesting: usize,
    /// Lines that aren't blank.
    pub lines: usize,
    /// Lines that hold a comment, but for those that the text begins with (a licence, a shebang).
    pub comment_lines: usize,
    /// Lines of comments that the text begins with.
    pub header_lines: usize,
    /// Lines of import statements.
    pub import_lines: usize,
    /// Lines of list, dictionary, set, tuple and string literals of more than five lines that aren't docstrings.
    pub data_lines: usize,
    /// Names that are given to functions, classes, parameters and variables.
    pub names: BTreeSet<String>,
    /// Imported modules that are part of the standard library.
    pub standard_imports: usize,
    /// Imported modules that aren't: third-party, or relative.
    pub foreign_imports: usize,
    /// Names that an import binds.
    pub imported_names: usize,
    /// Those that nothing uses.
    pub dead_imports: usize,
    /// Statements within functions, but for `pass` and docstrings.
    pub statements: usize,
}

const CONTROL: &[&str] =
    &["if_statement", "for_statement", "while_statement", "with_statement", "try_statement", "match_statement"];
const LITERALS: &[&str] = &["list", "dictionary", "set", "tuple", "string"];
/// A literal of this many lines or fewer isn't a table of data.
const SHORT_LITERAL: usize = 5;

impl Features {
    /// Those of a text.
    pub fn of(text: &str) -> Features {
        let mut features =
            Features { lines: text.lines().filter(|line| !line.trim().is_empty()).count(), ..Features::default() };
        let Some(tree) = parse(text) else { return features };
        let root = tree.root_node();
        features.has_syntax_errors = root.has_error();
        features.definitions = 1;
        let header_end = header_end(root);
        features.header_lines = header_end;
        let depth = std::cell::Cell::new(0usize);
        let functions = std::cell::Cell::new(0usize);
        let mut imported = vec![];
        let mut used = HashSet::new();
        walk(
            root,
            |place| {
                let node = place.node;
                let kind = node.kind();
                let lines = node.end_position().row - node.start_position().row + 1;
                if CONTROL.contains(&kind) {
                    depth.set(depth.get() + 1);
                    features.nesting = features.nesting.max(depth.get());
                }
                match kind {
                    "function_definition" => {
                        features.definitions += 1;
                        features.function_lines.push(lines);
                        functions.set(functions.get() + 1);
                    }
                    "class_definition" => features.definitions += 1,
                    "comment" if node.start_position().row >= header_end => features.comment_lines += 1,
                    "import_statement" | "import_from_statement" | "future_import_statement" => {
                        features.import_lines += lines;
                        features.imports(node, text, &mut imported);
                        return false;
                    }
                    "identifier" => {
                        let name = source(node, text);
                        if binds(place) {
                            features.names.insert(name.to_owned());
                        } else {
                            used.insert(name);
                        }
                    }
                    "expression_statement" if is_docstring(place) => {
                        features.documented += 1;
                        return false;
                    }
                    _ if LITERALS.contains(&kind) && lines > SHORT_LITERAL => features.data_lines += lines,
                    _ => {}
                }
                if functions.get() > 0 && kind.ends_with("_statement") && kind != "pass_statement" {
                    features.statements += 1;
                }
                // What a table of data holds isn't looked at: it may be large, and its lines were counted.
                !(LITERALS.contains(&kind) && lines > SHORT_LITERAL && kind != "string")
            },
            |node, _| {
                if CONTROL.contains(&node.kind()) {
                    depth.set(depth.get() - 1);
                } else if node.kind() == "function_definition" {
                    functions.set(functions.get() - 1);
                }
            },
        );
        features.imported_names = imported.len();
        features.dead_imports = imported.iter().filter(|name| !used.contains(name.as_str())).count();
        features
    }

    /// Takes note of the modules and the names of an import statement.
    fn imports(&mut self, statement: Node<'_>, text: &str, bound: &mut Vec<String>) {
        if statement.kind() == "future_import_statement" {
            return;
        }
        let mut count = |module: &str| {
            let count = if is_standard_module(module) { &mut self.standard_imports } else { &mut self.foreign_imports };
            *count += 1;
        };
        let is_from = statement.kind() == "import_from_statement";
        if let Some(module) = statement.child_by_field_name("module_name") {
            // A relative import begins with a dot and is no module of Python's.
            count(source(module, text));
        }
        let mut cursor = statement.walk();
        for name in statement.children_by_field_name("name", &mut cursor) {
            let alias = name.child_by_field_name("alias");
            let module = source(name.child_by_field_name("name").unwrap_or(name), text);
            if !is_from {
                count(module);
            }
            let binding = alias.map_or(module.split('.').next().unwrap_or(module), |alias| source(alias, text));
            bound.push(binding.to_owned());
        }
    }
}

/// The row behind the comments that a text begins with.
fn header_end(root: Node<'_>) -> usize {
    let mut cursor = root.walk();
    let comments = root.named_children(&mut cursor).take_while(|child| child.kind() == "comment");
    comments.last().map_or(0, |last| last.end_position().row + 1)
}

/// Whether an identifier names something new: a function, class, parameter or variable.
fn binds(identifier: &Place<'_, '_>) -> bool {
    let is = |field: &str| identifier.field == Some(field);
    match identifier.kind_above(1) {
        "function_definition" | "class_definition" | "default_parameter" | "typed_default_parameter" => is("name"),
        "parameters" | "lambda_parameters" | "typed_parameter" => true,
        "assignment" | "for_statement" | "for_in_clause" => is("left"),
        "pattern_list" | "tuple_pattern" => true,
        _ => false,
    }
}
