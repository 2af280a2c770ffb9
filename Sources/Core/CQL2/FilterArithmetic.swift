// SPDX-License-Identifier: Apache-2.0

extension Filter.Arithmetic {
    /// The result as the SQL of `FilterSQL` computes it: null for null, for division by zero and for NaN.
    ///
    /// Integers stay integers until they overflow, and then continue as real numbers, which is what SQLite does.
    /// PostgreSQL fails the query instead.
    func result(_ left: FilterValue?, _ right: FilterValue?) -> FilterValue? {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): integers(left, right)
        case (.integer(let left), .number(let right)): reals(Double(left), right)
        case (.number(let left), .integer(let right)): reals(left, Double(right))
        case (.number(let left), .number(let right)): reals(left, right)
        default: nil
        }
    }

    private func integers(_ left: Int64, _ right: Int64) -> FilterValue? {
        switch self {
        case .plus: exact(left.addingReportingOverflow(right), left, right)
        case .minus: exact(left.subtractingReportingOverflow(right), left, right)
        case .times: exact(left.multipliedReportingOverflow(by: right), left, right)
        case .divide: reals(Double(left), Double(right))
        case .integerDivide: right == 0 ? nil : quotient(left, right)
        case .remainder: right == 0 ? nil : .integer(left.remainderReportingOverflow(dividingBy: right).partialValue)
        case .power: nil
        }
    }

    private func exact(_ result: (partialValue: Int64, overflow: Bool), _ left: Int64, _ right: Int64) -> FilterValue? {
        result.overflow ? reals(Double(left), Double(right)) : .integer(result.partialValue)
    }

    /// Towards zero. Only the least integer by -1 overflows.
    private func quotient(_ left: Int64, _ right: Int64) -> FilterValue {
        let (quotient, overflow) = left.dividedReportingOverflow(by: right)
        return overflow ? .number(-Double(left)) : .integer(quotient)
    }

    private func reals(_ left: Double, _ right: Double) -> FilterValue? {
        let result: Double? =
            switch self {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            case .divide: right == 0 ? nil : left / right
            case .remainder, .integerDivide, .power: nil
            }
        return result.flatMap { $0.isNaN ? nil : .number($0) }
    }
}
