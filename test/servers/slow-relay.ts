import { connect } from 'node:net'
import { ScriptedServer } from './hostile-servers.ts'

/** Passes on what a server says byte by byte as long as that takes, then as it comes: the slowest way there is to begin. */
export const slowRelay = (port: number, slowBytes: number): Promise<ScriptedServer> =>
  ScriptedServer.start(socket => {
    socket.setNoDelay(true)
    const server = connect({ port, host: '127.0.0.1', noDelay: true })
    server.on('error', () => socket.destroy()).on('close', () => socket.end())
    socket.on('close', () => server.destroy())
    socket.pipe(server)
    let left = slowBytes
    server.on('readable', () => void pass())
    let passing = false
    const pass = async () => {
      if (passing) return
      passing = true
      for (let bytes = server.read(left > 0 ? 1 : undefined); bytes; bytes = server.read(left > 0 ? 1 : undefined)) {
        socket.write(bytes as Buffer)
        left -= 1
        // The next byte has to be a packet of its own.
        if (left > 0) await new Promise(resolve => setTimeout(resolve, 2))
      }
      passing = false
    }
  })
