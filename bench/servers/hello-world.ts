import { createServer } from 'node:http'
import { createSchema, createYoga } from 'graphql-yoga'

/** The smallest Yoga server: what starting and being there cost before a program does anything of its own. */
const yoga = createYoga({
  schema: createSchema({
    typeDefs: 'type Query { hello: String! }',
    resolvers: { Query: { hello: () => 'world' } },
  }),
  logging: false,
})
createServer(yoga).listen(Number(process.env['PORT']), '127.0.0.1')
