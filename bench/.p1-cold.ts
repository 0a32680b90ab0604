import { build } from 'esbuild'
const { ServerProcess } = await import('/work/main/bench/server-process.ts')
const root='/work/main'
await build({ absWorkingDir: root, entryPoints: ['bench/servers/hello-world.ts'], outfile: '/tmp/p1/hello.mjs', bundle: true, format: 'esm', platform: 'node', target: 'node22.13', logLevel: 'warning',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" } })
const dist = (process.env.DIST ?? '/work/main/dist') + '/main.js'
const n = Number(process.argv[2] ?? 15)
const own: number[] = [], hello: number[] = [], cpu: number[] = [], hcpu: number[] = []
for (let i=0;i<n;i++) {
  const h = await ServerProcess.start(['/tmp/p1/hello.mjs'], {}); hello.push(h.firstAnswerMs); hcpu.push(await h.cpuMs()); await h.stop()
  const s = await ServerProcess.start([dist], { DATA_DIR: '/tmp/p1/data' }); own.push(s.firstAnswerMs); cpu.push(await s.cpuMs()); if (i===n-1) console.log(await s.residentMegabytes()); await s.stop()
}
const med=(a:number[])=>[...a].sort((x,y)=>x-y)[a.length>>1]
console.log('own', med(own).toFixed(0), 'min', Math.min(...own).toFixed(0), 'cpu', med(cpu), 'hello', med(hello).toFixed(0), 'min', Math.min(...hello).toFixed(0), 'cpu', med(hcpu), 'ratio', (med(own)/med(hello)).toFixed(2), 'min ratio', (Math.min(...own)/Math.min(...hello)).toFixed(2))
