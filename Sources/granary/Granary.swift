import ArgumentParser

@main struct Granary: AsyncParsableCommand { func run() async throws {} }
