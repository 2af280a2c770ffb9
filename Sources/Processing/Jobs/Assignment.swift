// SPDX-License-Identifier: Apache-2.0

internal import GranaryCatalog
internal import GranaryCore

/// One attempt of one job in the hands of one worker.
struct Assignment: Sendable {
    /// The claim; whoever holds an older one can change nothing.
    let work: WorkItem
    let job: JobRecord
    let process: Process
    /// Row of `job_attempt`.
    let attempt: Int64
    let number: Int
    let directory: JobDirectory
    let inputs: [Input]

    struct Input: Sendable {
        var granule: GranuleRecord
        var files: [FileRecord]
    }
}

extension Assignment {
    /// Makes the directory with everything the command will find in it, and returns what to run.
    func stage(_ source: InputSource) async throws -> RunRequest {
        try directory.make()
        let links = try await placeInputs(source)
        let parameters = try parameters()
        let arguments = try process.arguments(
            CommandValues(
                directory: directory.path, output: directory.output, context: directory.context, job: job.id,
                inputs: links.ordered, parameters: parameters))
        try directory.write(context(parameters, arguments, links).bytes(pretty: true), to: "_context.json")
        try directory.write(description(arguments).bytes(pretty: true), to: "_job.json")
        return RunRequest(
            arguments: arguments, environment: JobEnvironment.variables(of: process, directory: directory),
            directory: directory.path, softLimit: process.softLimit, hardLimit: process.hardLimit)
    }

    private func parameters() throws -> JSONObject {
        guard let object = try JSONValue(parsing: job.parameters).object else {
            throw GranaryError(
                .jobInvalid, "The parameters of job \(job.id) are no JSON object.", subject: "job \(job.id)",
                remedy: "Start a new job with proper parameters.")
        }
        return object
    }

    private func placeInputs(_ source: InputSource) async throws -> InputLinks {
        var links = InputLinks()
        for input in inputs {
            for file in input.files {
                // A name that is no UTF-8 cannot be an argument; its input has the escaped form.
                let name = file.name.name.text ?? file.name.name.description
                let folder = String(input.granule.id)
                links.paths[file.id] = try await source.place(file, in: directory, folder: folder, name: name)
            }
            let (data, others) = (input.files.filter { $0.type == .data }, input.files.filter { $0.type != .data })
            links.ordered += (data + others).compactMap { links.paths[$0.id] }
        }
        return links
    }

    private func context(_ parameters: JSONObject, _ arguments: [String], _ links: InputLinks) -> JSONValue {
        var context = JSONValue.object(parameters)
        context["_command"] = .array(arguments.map { .string($0) })
        context["_job"] = .integer(job.id)
        context["_process"] = .string(process.id)
        context["_process_version"] = .string(process.version)
        context["_output"] = .string(directory.output)
        context["_inputs"] = .array(
            inputs.map { input in
                [
                    "collection": .string(input.granule.identity.collection.name),
                    "version": .string(input.granule.identity.collection.version),
                    "granule": .string(input.granule.identity.name),
                    "revision": .integer(Int64(input.granule.identity.revision)),
                    "files": .array(input.files.map { $0.described(at: links.paths[$0.id] ?? "") }),
                ]
            })
        return context
    }

    private func description(_ arguments: [String]) -> JSONValue {
        [
            "job_id": .integer(job.id), "attempt": .integer(Int64(number)), "process": .string(process.id),
            "process_version": .string(process.version), "rule": job.rule.map { .string($0) } ?? .null,
            "priority": .integer(Int64(job.priority)), "processing_type": .string(job.processingType.rawValue),
            "accepted_at": .string("\(job.acceptedAt)"), "command": .array(arguments.map { .string($0) }),
            "directory": .string(directory.path), "soft_time_limit": .number(process.softLimit.seconds),
            "time_limit": .number(process.hardLimit.seconds),
            "inputs": .array(inputs.map { .string($0.granule.identity.description) }),
        ]
    }
}

/// Where the input files are.
private struct InputLinks {
    /// By row of `file`.
    var paths: [Int64: String] = [:]
    /// Granule by granule, data files first.
    var ordered: [String] = []
}

extension FileRecord {
    fileprivate func described(at path: String) -> JSONValue {
        [
            "name": .string(name.description), "type": .string(type.rawValue), "path": .string(path),
            "size": .integer(size), "sha256": .string(sha256.hex),
        ]
    }
}
