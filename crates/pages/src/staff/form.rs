//! A form: it keeps what was typed, and says beside a field what is wrong with it.

/// A form that changes something.
#[derive(Debug, Clone)]
pub struct Form {
    /// Its name on the page.
    pub id: &'static str,
    /// Its heading.
    pub heading: String,
    /// What it does, if that takes a sentence.
    pub text: String,
    /// Where it goes.
    pub action: String,
    /// What is asked.
    pub fields: Vec<Field>,
    /// What its button says.
    pub button: String,
    /// Whether it takes something away that is not easily had back.
    pub is_danger: bool,
    /// Where to go instead.
    pub back: Option<String>,
    /// Why it was not taken.
    pub problem: Option<Problem>,
}

/// One thing that a form asks.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// The question.
    pub label: &'static str,
    /// What helps to answer it.
    pub hint: &'static str,
    /// How it is answered.
    pub kind: Kind,
    /// What was typed, or stands there.
    pub value: String,
}

/// How something is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A line.
    Line,
    /// Some lines.
    Lines,
    /// An address for mail.
    Email,
    /// A day.
    Day,
    /// One of some: what is sent, and what people read.
    Choice(Vec<(String, String)>),
    /// Nobody is asked.
    Hidden,
}

/// Why a form was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the field that is wrong; one that the form lacks stands for the whole form.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Form {
    /// A form without fields.
    pub fn new(
        id: &'static str,
        heading: impl Into<String>,
        action: impl Into<String>,
        button: impl Into<String>,
    ) -> Self {
        Self {
            id,
            heading: heading.into(),
            text: String::new(),
            action: action.into(),
            fields: Vec::new(),
            button: button.into(),
            is_danger: false,
            back: None,
            problem: None,
        }
    }

    /// The same with one more question.
    #[must_use]
    pub fn asking(
        mut self,
        kind: Kind,
        name: &'static str,
        label: &'static str,
        hint: &'static str,
        value: impl Into<String>,
    ) -> Self {
        self.fields.push(Field {
            name,
            label,
            hint,
            kind,
            value: value.into(),
        });
        self
    }

    /// The same with something that is sent and not asked.
    #[must_use]
    pub fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        self.asking(Kind::Hidden, name, "", "", value)
    }

    /// The same with a sentence on what it does.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// The same, as one that takes something away; `back` is where to go instead.
    #[must_use]
    pub fn dangerous(mut self, back: impl Into<String>) -> Self {
        self.is_danger = true;
        self.back = Some(back.into());
        self
    }

    /// The same with why it was not taken.
    #[must_use]
    pub fn refused(mut self, problem: Option<Problem>) -> Self {
        self.problem = problem;
        self
    }

    /// What the summary of problems leads to.
    pub(crate) fn problem_id(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        let field = self.fields.iter().find(|field| field.name == problem.field);
        Some(match field {
            Some(field) if field.kind != Kind::Hidden => field.id(self),
            _ => self.id.to_owned(),
        })
    }

    /// What is wrong with a field.
    pub(crate) fn problem_of(&self, field: &Field) -> Option<&str> {
        let problem = self.problem.as_ref()?;
        (problem.field == field.name).then_some(problem.text.as_str())
    }

    /// Whether it asks for nothing but a press of its button, so that it can stand in a line.
    pub(crate) fn is_button(&self) -> bool {
        self.heading.is_empty() && self.fields.iter().all(|field| field.kind == Kind::Hidden)
    }
}

impl Field {
    pub(crate) fn id(&self, form: &Form) -> String {
        format!("{}-{}", form.id, self.name)
    }
}
