// A provider that knows nothing of Changeover, for the tests. One line of JSON on standard input says how it is to be; it answers with
// its port and ends with its input, so that none is left behind when the tests are killed. Its keys are new with every start.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:https'
import { createInterface } from 'node:readline'
import { Provider } from 'oidc-provider'

const input = createInterface({ input: process.stdin })
input.once('line', (line) => start(JSON.parse(line)))
input.once('close', () => process.exit())

const key = (type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig' })

function start({ tls, port, people, ...configuration }) {
  const server = createServer(tls)
  server.listen(port, '127.0.0.1', () => {
    const provider = new Provider(`https://localhost:${server.address().port}`, {
      claims: { profile: ['preferred_username', 'groups'] },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
      jwks: { keys: [key('rsa', { modulusLength: 2048 }), key('ec', { namedCurve: 'P-256' })] },
      pkce: { required: () => true },
      cookies: { keys: ['only for the tests'] },
      ...configuration,
    })
    server.on('request', provider.callback())
    console.log(server.address().port)
  })
}
