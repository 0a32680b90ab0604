/**
 * A service's words without what helps nobody who reads them: ids of requests, encoded messages, and account numbers
 * beyond their last digits.
 */
export const plainWords = (message: string): string =>
  message
    .slice(0, 4_096)
    .replace(/\s*\((?:Service|Request ID|RequestID): [^()]*\)/gi, '')
    .replace(/\s*Encoded authorization failure message: \S+/gi, '')
    // With wrong secrets: the request as it was signed, a session token included.
    .replace(/\s*The (?:Canonical String|String-to-Sign) (?:for this request )?should have been.*$/s, '')
    .replace(/\s*Deserialization error: to see the raw response, inspect .*$/s, '')
    .replace(/(?<!\d)\d{8}(?=\d{4}(?!\d))/g, '…')
