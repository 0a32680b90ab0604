import { HttpLink } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'

/** Gives the credential of the moment: one of an identity provider is renewed while a page is open. */
type GetToken = () => Promise<string>

const bearer = async (getToken: GetToken) => ({ authorization: `Bearer ${await getToken()}` })

export const post = async (url: string, getToken: GetToken, query: string) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await bearer(getToken)) },
    body: JSON.stringify({ query }),
  })

// Both ask for the credential again whenever they connect again.
export const sseClient = (url: string, getToken: GetToken) => createSseClient({ url, headers: () => bearer(getToken) })

export const wsClient = (url: string, getToken: GetToken) =>
  // Browsers cannot set headers of a WebSocket: it goes with the first message.
  createWsClient({ url: url.replace(/^http/, 'ws'), connectionParams: () => bearer(getToken) })

export const apolloLink = (url: string, getToken: GetToken) =>
  new SetContextLink(async ({ headers }) => ({ headers: { ...headers, ...(await bearer(getToken)) } })).concat(
    new HttpLink({ uri: url }),
  )
