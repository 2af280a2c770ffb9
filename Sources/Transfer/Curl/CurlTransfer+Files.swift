// SPDX-License-Identifier: Apache-2.0

import CCurl
import GranaryCore

extension CurlTransfer {
    /// Options of sftp, ftp and ftps.
    func prepareFiles() throws(GranaryError) {
        let request = job.request
        try handle.set(CURLOPT_RESUME_FROM_LARGE, offset: request.offset)
        try handle.set(CURLOPT_FILETIME, request.wantsModified)
        try handle.set(CURLOPT_NOBODY, request.isHead)
        try handle.set(CURLOPT_DIRLISTONLY, request.namesOnly)
        if !request.commands.isEmpty { try handle.set(CURLOPT_QUOTE, lines: request.commands) }
        if !request.preparedCommands.isEmpty { try handle.set(CURLOPT_PREQUOTE, lines: request.preparedCommands) }
        if job.url.scheme == "sftp" { try prepareSSH() } else { try prepareFTP() }
    }

    private func prepareSSH() throws(GranaryError) {
        let access = job.request.access
        try handle.set(CURLOPT_SSH_KNOWNHOSTS, access.knownHosts)
        try handle.set(
            CURLOPT_SSH_AUTH_TYPES, Int(access.keyFile == nil ? CURLSSH_AUTH_PASSWORD : CURLSSH_AUTH_PUBLICKEY))
        guard let key = access.keyFile else { return }
        try handle.set(CURLOPT_SSH_PRIVATE_KEYFILE, key)
        // libcurl tells open connections apart by user and password alone; this password is never sent, and keeps apart
        // what was opened with another key or another list of hosts.
        let mark = [key, access.knownHosts ?? "", access.keyPassphrase?.reveal() ?? ""].joined(separator: "\n")
        try handle.set(CURLOPT_PASSWORD, mark)
        // An empty name has the public key derived from the private one.
        try handle.set(CURLOPT_SSH_PUBLIC_KEYFILE, "")
        if let passphrase = access.keyPassphrase { try handle.set(CURLOPT_KEYPASSWD, passphrase.reveal()) }
    }

    private func prepareFTP() throws(GranaryError) {
        let access = job.request.access
        try handle.set(CURLOPT_USE_SSL, Int((access.requiresTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        try handle.set(CURLOPT_FTPSSLAUTH, Int(CURLFTPAUTH_TLS.rawValue))
        try handle.set(CURLOPT_FTP_SKIP_PASV_IP, true)
        let method = job.request.changesDirectory ? CURLFTPMETHOD_SINGLECWD : CURLFTPMETHOD_NOCWD
        try handle.set(CURLOPT_FTP_FILEMETHOD, Int(method.rawValue))
        if let command = job.request.listCommand { try handle.set(CURLOPT_CUSTOMREQUEST, command) }
        try handle.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, Int(access.stallLimit.components.seconds)))
    }
}
