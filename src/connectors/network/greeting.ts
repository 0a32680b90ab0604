/** What a server seems to be, by the first bytes that it sent; null when it is not one of the usual mistakes. */
export function recognizeServer(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.subarray(0, 64)).toString('latin1')
  if (/^HTTP\/\d/.test(text) || /^<(!DOCTYPE|html)/i.test(text)) return 'an HTTP server'
  if (text.startsWith('SSH-')) return 'an SSH server'
  if (/^220[ -]/.test(text)) return /ftp/i.test(text) ? 'an FTP server' : 'a mail server'
  if (/^(-ERR|-NOAUTH|-DENIED|\+PONG)/.test(text)) return 'a Redis server'
  if (/^\+OK|^\* OK/.test(text)) return 'a mail server'
  // MySQL: 3 bytes of length, sequence number 0, then protocol 10 or an error packet.
  if (bytes.length >= 5 && bytes[3] === 0 && (bytes[4] === 0x0a || bytes[4] === 0xff))
    return 'a MySQL or MariaDB server'
  // TDS: a last packet (status 1) of a server's answer (type 4).
  if (bytes.length >= 8 && bytes[0] === 0x04 && bytes[1] === 0x01) return 'a Microsoft SQL Server'
  // TLS: an alert or handshake record of version 3.x.
  if (bytes.length >= 3 && (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3)
    return 'a server that expects TLS at once'
  return null
}
