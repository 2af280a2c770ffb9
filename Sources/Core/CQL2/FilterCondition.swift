// SPDX-License-Identifier: Apache-2.0

/// A filter in the few operations that both back ends have; relations of times and places are comparisons by now.
indirect enum FilterCondition: Sendable {
    case constant(Bool)
    case compare(Filter.Comparison, FilterTerm, FilterTerm)
    case like(FilterTerm, pattern: FilterTerm)
    case among(FilterTerm, [FilterTerm])
    case isNull(FilterTerm)
    case isUnknown(FilterCondition)
    case all([FilterCondition])
    case any([FilterCondition])
    case not(FilterCondition)
}

/// A value within a condition.
indirect enum FilterTerm: Sendable {
    case property(String, FilterPart)
    case constant(FilterValue)
    case arithmetic(Filter.Arithmetic, FilterTerm, FilterTerm)
    /// The text with its ASCII letters in lower case.
    case folded(FilterTerm)
}

/// Which number of a property is meant. A timestamp is its own start and end.
enum FilterPart: Sendable {
    case whole
    case start, end
    case west, south, east, north
}
