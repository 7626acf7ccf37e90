//! A parsed condition.

/// What is true or false of a patient.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All hold.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A comparison.
    Compare {
        /// Left side.
        left: Operand,
        /// How.
        comparison: Comparison,
        /// Right side.
        right: Operand,
    },
    /// The variable has a value: not '' for text and dates, not 0 for numbers and flags.
    Present(String),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value in a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A variable.
    Name(String),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A string.
    Text(String),
    /// Arithmetic on two values.
    Arithmetic {
        /// Left side.
        left: Box<Self>,
        /// How.
        operator: Arithmetic,
        /// Right side.
        right: Box<Self>,
    },
}

/// How two numbers are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`; between whole numbers it cuts toward zero.
    Divide,
}

impl Condition {
    /// Calls `visit` with every variable's name, in order, with repeats.
    pub fn for_each_name<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.for_each_name(visit);
                }
            }
            Self::Not(inner) => inner.for_each_name(visit),
            Self::Compare { left, right, .. } => {
                left.for_each_name(visit);
                right.for_each_name(visit);
            }
            Self::Present(name) => visit(name),
        }
    }
}

impl Operand {
    fn for_each_name<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::Name(name) => visit(name),
            Self::Arithmetic { left, right, .. } => {
                left.for_each_name(visit);
                right.for_each_name(visit);
            }
            Self::Int(_) | Self::Float(_) | Self::Text(_) => {}
        }
    }
}
