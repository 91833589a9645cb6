//! Text for people. The page has it from the catalogue that the native command prints, so the module in the browser,
//! built without the feature `prose`, does without.
use serde::Serialize;

/// What an experiment says of itself to people.
#[derive(Serialize)]
pub struct Prose {
    /// What stands over its page.
    pub title: &'static str,
    /// The paper whose headline claim is shown.
    pub paper: Option<Paper>,
    /// What the card in the gallery says: at most 12 words.
    pub card: &'static str,
    /// The line under the title: what moves, what to look for.
    pub lead: &'static str,
    /// Paragraphs of plain text; `$…$` is TeX.
    pub about: &'static [&'static str],
    /// Display formulas in TeX, set after the first paragraph.
    pub formulas: &'static [&'static str],
    /// TeX symbol and its meaning.
    pub symbols: &'static [(&'static str, &'static str)],
    /// Extra words that the finder of the gallery should match.
    pub words: &'static str,
}

impl Prose {
    /// The prose where it is told; see [`told`].
    #[must_use]
    pub const fn told(self) -> Self {
        if cfg!(feature = "prose") {
            return self;
        }
        Self { title: "", paper: None, card: "", lead: "", about: &[], formulas: &[], symbols: &[], words: "" }
    }
}

/// The last words of many a page: how its settings were chosen.
pub const NO_THIRD_SET: &str = "Rates, lengths and sizes were chosen by looking at the same unseen examples that are reported here: there \
                          is no third set.";

/// A text, where text is told; else nothing.
pub const fn told(text: &'static str) -> &'static str {
    if cfg!(feature = "prose") { text } else { "" }
}

/// The work that is being shown.
#[derive(Serialize)]
pub struct Paper {
    /// In full.
    pub title: &'static str,
    /// Family names.
    pub authors: &'static str,
    /// Of publication.
    pub year: u16,
    /// Where to read it.
    pub link: &'static str,
}
