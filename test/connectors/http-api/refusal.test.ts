import { expect, it } from 'vitest'
import { HttpApiDouble } from '../../servers/http-api-double.ts'
import { inputFor, testApi } from './http-api-run.ts'

it('a refusal whose words never end is told as what it is, and long before the request has no time left', async () => {
  await using api = await HttpApiDouble.start({
    at: {
      '/me': (_, response) => {
        response.writeHead(401, { 'content-type': 'application/json' }).write('{"message": "You may')
      },
    },
  })
  const auth = { bearer: { token: 'token-7Hc' } }
  const run = await testApi(inputFor(api, { auth, probe: { path: '/me' }, limits: { requestTimeoutSeconds: 300 } }))
  const problem = run.failsAt('READ', 'HTTP_UNAUTHORIZED')
  expect(problem.fields).toEqual(['auth.bearer.token'])
})
