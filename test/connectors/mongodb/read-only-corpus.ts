// biome-ignore-all lint/suspicious/noThenProperty: MongoDB's expressions have such a key.

/** A dataset's query without the names of its database and collection. */
export type CorpusQuery =
  | { readonly find: { readonly filter?: unknown; readonly projection?: unknown; readonly sort?: unknown } }
  | { readonly pipeline: readonly unknown[] }

export type NamedQuery = readonly [name: string, query: CorpusQuery]

const code = 'function () { return true }'
const functionCall = { $function: { body: code, args: [], lang: 'js' } }
const accumulator = {
  $accumulator: { init: code, accumulate: code, accumulateArgs: [], merge: code, lang: 'js' },
}
const pipeline = (...stages: readonly unknown[]): CorpusQuery => ({ pipeline: stages })
const filter = (content: unknown): CorpusQuery => ({ find: { filter: content } })

const lookup = { from: 'items', localField: 'item', foreignField: '_id', as: 'items' }

/** Everything that writes, runs code, leaves the database, looks at the server, or is not known. */
export const refusedQueries: readonly NamedQuery[] = [
  // Stages that write.
  ['$out', pipeline({ $out: 'copies' })],
  ['$out to another database', pipeline({ $out: { db: 'other', coll: 'copies' } })],
  ['$out after a $match', pipeline({ $match: { a: 1 } }, { $out: 'copies' })],
  ['$out before a $match', pipeline({ $out: 'copies' }, { $match: { a: 1 } })],
  ['$out to a time series', pipeline({ $out: { db: 'd', coll: 'c', timeseries: { timeField: 't' } } })],
  ['$merge', pipeline({ $merge: 'copies' })],
  ['$merge with options', pipeline({ $merge: { into: 'copies', whenMatched: 'replace', whenNotMatched: 'insert' } })],
  ['$merge by a pipeline', pipeline({ $merge: { into: 'copies', whenMatched: [{ $addFields: { a: 1 } }] } })],
  ['$merge to another database', pipeline({ $merge: { into: { db: 'other', coll: 'copies' } } })],
  ['$out in $facet', pipeline({ $facet: { all: [{ $out: 'copies' }] } })],
  ['$merge in the second of $facet', pipeline({ $facet: { a: [{ $limit: 1 }], b: [{ $merge: 'copies' }] } })],
  ['$out in $lookup', pipeline({ $lookup: { from: 'items', pipeline: [{ $out: 'copies' }], as: 'items' } })],
  ['$out in $unionWith', pipeline({ $unionWith: { coll: 'items', pipeline: [{ $out: 'copies' }] } })],
  [
    '$merge in $lookup in $facet in $unionWith',
    pipeline({
      $unionWith: {
        coll: 'items',
        pipeline: [{ $facet: { a: [{ $lookup: { from: 'x', pipeline: [{ $merge: 'copies' }], as: 'y' } }] } }],
      },
    }),
  ],
  ['a stage with $out beside another', pipeline({ $match: { a: 1 }, $out: 'copies' })],
  // JavaScript.
  ['$where in a filter', filter({ $where: code })],
  ['$where as a text', filter({ $where: 'this.a == 1' })],
  ['$where as EJSON code', filter({ $where: { $code: code } })],
  ['$where in $and', filter({ $and: [{ a: 1 }, { $where: code }] })],
  ['$where in $or in $nor', filter({ $nor: [{ $or: [{ $where: code }] }] })],
  ['$where in $elemMatch', filter({ items: { $elemMatch: { $where: code } } })],
  ['$where in $not', filter({ a: { $not: { $where: code } } })],
  ['$where in $match', pipeline({ $match: { $where: code } })],
  [
    '$where in the $match of $lookup',
    pipeline({ $lookup: { from: 'i', as: 'i', pipeline: [{ $match: { $where: code } }] } }),
  ],
  [
    '$where in the query of $geoNear',
    pipeline({ $geoNear: { near: [0, 0], distanceField: 'd', query: { $where: code } } }),
  ],
  [
    '$where in restrictSearchWithMatch',
    pipeline({
      $graphLookup: {
        from: 'x',
        startWith: '$a',
        connectFromField: 'a',
        connectToField: 'b',
        as: 'c',
        restrictSearchWithMatch: { $where: code },
      },
    }),
  ],
  ['$function in $expr of a filter', filter({ $expr: functionCall })],
  ['$function deep in $expr of a filter', filter({ $and: [{ $expr: { $eq: [1, { $add: [functionCall, 1] }] } }] })],
  ['$function in $project', pipeline({ $project: { a: functionCall } })],
  ['$function in $addFields', pipeline({ $addFields: { a: { b: functionCall } } })],
  ['$function in $set', pipeline({ $set: { a: functionCall } })],
  ['$function in $group', pipeline({ $group: { _id: functionCall } })],
  ['$function in an accumulator', pipeline({ $group: { _id: null, total: { $sum: functionCall } } })],
  ['$function in $replaceRoot', pipeline({ $replaceRoot: { newRoot: functionCall } })],
  ['$function in $replaceWith', pipeline({ $replaceWith: functionCall })],
  ['$function in $redact', pipeline({ $redact: functionCall })],
  ['$function in $bucket', pipeline({ $bucket: { groupBy: functionCall, boundaries: [0, 1] } })],
  [
    '$function in $bucketAuto',
    pipeline({ $bucketAuto: { groupBy: '$a', buckets: 2, output: { n: { $sum: functionCall } } } }),
  ],
  ['$function in $sortByCount', pipeline({ $sortByCount: functionCall })],
  [
    '$function in the let of $lookup',
    pipeline({ $lookup: { from: 'i', let: { x: functionCall }, pipeline: [], as: 'i' } }),
  ],
  [
    '$function in startWith',
    pipeline({
      $graphLookup: { from: 'x', startWith: functionCall, connectFromField: 'a', connectToField: 'b', as: 'c' },
    }),
  ],
  [
    '$function in $switch',
    pipeline({ $project: { a: { $switch: { branches: [{ case: true, then: functionCall }] } } } }),
  ],
  ['$function in $map', pipeline({ $project: { a: { $map: { input: '$a', as: 'x', in: functionCall } } } })],
  [
    '$function in $reduce',
    pipeline({ $project: { a: { $reduce: { input: '$a', initialValue: 0, in: functionCall } } } }),
  ],
  ['$function in $let', pipeline({ $project: { a: { $let: { vars: { x: functionCall }, in: 1 } } } })],
  ['$function in a projection of find', { find: { projection: { a: functionCall } } }],
  [
    '$function in $setWindowFields',
    pipeline({ $setWindowFields: { sortBy: { a: 1 }, output: { n: { $sum: functionCall } } } }),
  ],
  ['$function in $fill', pipeline({ $fill: { output: { a: { value: functionCall } } } })],
  // Names decide, wherever they stand: it need not be understood that nobody looks into this one.
  ['$function in $literal', pipeline({ $project: { a: { $literal: functionCall } } })],
  ['$accumulator in $group', pipeline({ $group: { _id: null, total: accumulator } })],
  ['$accumulator in $bucket', pipeline({ $bucket: { groupBy: '$a', boundaries: [0, 1], output: { n: accumulator } } })],
  ['$accumulator in $bucketAuto', pipeline({ $bucketAuto: { groupBy: '$a', buckets: 2, output: { n: accumulator } } })],
  [
    '$accumulator in $setWindowFields',
    pipeline({ $setWindowFields: { sortBy: { a: 1 }, output: { n: accumulator } } }),
  ],
  ['$accumulator in $group in $facet', pipeline({ $facet: { a: [{ $group: { _id: null, t: accumulator } }] } })],
  ['EJSON code as a value', filter({ a: { $code: code } })],
  ['EJSON code with a scope', filter({ a: { $code: code, $scope: {} } })],
  // Looks at the server, at other databases, or opens something that never ends.
  ['$currentOp', pipeline({ $currentOp: { allUsers: true } })],
  ['$listSessions', pipeline({ $listSessions: {} })],
  ['$listLocalSessions', pipeline({ $listLocalSessions: {} })],
  ['$changeStream', pipeline({ $changeStream: {} })],
  ['$collStats', pipeline({ $collStats: { storageStats: {} } })],
  ['$indexStats', pipeline({ $indexStats: {} })],
  ['$planCacheStats', pipeline({ $planCacheStats: {} })],
  ['$listSampledQueries', pipeline({ $listSampledQueries: {} })],
  ['$shardedDataDistribution', pipeline({ $shardedDataDistribution: {} })],
  ['$lookup from another database', pipeline({ $lookup: { from: { db: 'other', coll: 'x' }, pipeline: [], as: 'y' } })],
  ['$unionWith another database', pipeline({ $unionWith: { db: 'other', coll: 'x' } })],
  ['$lookup from the hashes of passwords', pipeline({ $lookup: { ...lookup, from: 'system.users' } })],
  ['$lookup from a command', pipeline({ $lookup: { ...lookup, from: '$cmd.aggregate' } })],
  [
    '$graphLookup from the profile',
    pipeline({
      $graphLookup: { from: 'system.profile', startWith: '$a', connectFromField: 'a', connectToField: 'b', as: 'c' },
    }),
  ],
  ['$unionWith the hashes of passwords', pipeline({ $unionWith: 'system.users' })],
  ['$unionWith the profile and a pipeline', pipeline({ $unionWith: { coll: 'system.profile', pipeline: [] } })],
  [
    '$lookup from MongoDB itself in $facet',
    pipeline({ $facet: { a: [{ $lookup: { ...lookup, from: 'system.roles' } }] } }),
  ],
  // EJSON that is more than a value.
  ['EJSON pointer to another database', filter({ a: { $dbPointer: { $ref: 'x', $id: { $oid: 'a'.repeat(24) } } } })],
  ['EJSON reference', filter({ a: { $ref: 'x', $id: 1, $db: 'other' } })],
  ['EJSON symbol', filter({ a: { $symbol: 'x' } })],
  ['EJSON undefined', filter({ a: { $undefined: true } })],
  ['code beside a date', filter({ a: { $date: '2026-01-01', $code: code } })],
  ['a value of the encoder', filter({ a: { _bsontype: 'Code', code } })],
  ['$where under __proto__', filter(JSON.parse('{"__proto__":{"$where":"1"}}'))],
  ['$out as a stage under __proto__', pipeline(JSON.parse('{"__proto__":{"$out":"x"}}'))],
  ['$where in a sort', { find: { sort: { a: { $where: code } } } }],
  ['$function in a sort', { find: { sort: { a: functionCall } } }],
  ['$where in the values of $jsonSchema', filter({ $jsonSchema: { properties: { a: { $where: code } } } })],
  // Not known, and what only looks like it.
  ['$out with a space behind it', pipeline({ '$out ': 'copies' })],
  ['$where with a letter that is not seen', filter({ '$where\u200b': code })],
  ['an unknown stage', pipeline({ $teleport: {} })],
  ['an unknown operator of a filter', filter({ a: { $teleports: 1 } })],
  ['an unknown top-level operator', filter({ $teleports: [] })],
  ['an unknown operator of an expression', pipeline({ $project: { a: { $teleport: '$b' } } })],
  ['an unknown accumulator', pipeline({ $group: { _id: null, a: { $teleport: 1 } } })],
  ['$OUT in capitals', pipeline({ $OUT: 'copies' })],
  ['$out with a space before it', pipeline({ ' $out': 'copies' })],
  ['a stage without a dollar', pipeline({ out: 'copies' })],
  ['a stage without a name', pipeline({})],
  ['a stage that is a text', pipeline('$out')],
  ['a stage that is null', pipeline(null)],
  ['a stage that is a list', pipeline([{ $out: 'copies' }])],
  ['mapReduce as a stage', pipeline({ mapReduce: 'orders', map: code, reduce: code, out: 'copies' })],
  ['$mapReduce as a stage', pipeline({ $mapReduce: { map: code, reduce: code, out: 'copies' } })],
  ['a filter that is a list', filter([{ $where: code }])],
  ['a reference to another collection', filter({ a: { $eval: 'db.dropDatabase()' } })],
  ['an operator where a stage of $facet is expected', pipeline({ $facet: { a: { $out: 'copies' } } })],
  ['$facet in $facet', pipeline({ $facet: { a: [{ $facet: { b: [{ $out: 'copies' }] } }] } })],
]

const everyValue = [
  { $numberInt: '-2147483648' },
  { $numberLong: '-9223372036854775808' },
  { $numberDouble: '-Infinity' },
  { $numberDouble: '1.5e300' },
  { $numberDecimal: 'NaN' },
  { $date: '2024-02-29' },
  { $date: '2024-02-29T12:00:00.123+02:00' },
  { $date: { $numberLong: '-62135596800001' } },
  { $timestamp: { t: 1_700_000_000, i: 1 } },
  { $minKey: 1 },
  { $maxKey: 1 },
  { $binary: { base64: '', subType: '0' } },
]

/** What a reader of documents writes every day. */
export const legalQueries: readonly NamedQuery[] = [
  ['everything', filter({})],
  ['no filter', { find: {} }],
  ['an equality', filter({ status: 'paid' })],
  ['several equalities', filter({ status: 'paid', 'customer.name': 'Ann' })],
  ['null', filter({ closedAt: null })],
  ['comparisons', filter({ total: { $gt: 1, $gte: 1, $lt: 9, $lte: 9, $ne: 5, $eq: 4 } })],
  ['$in and $nin', filter({ status: { $in: ['a', 'b'], $nin: ['c'] } })],
  ['$and, $or, $nor', filter({ $and: [{ $or: [{ a: 1 }, { b: 2 }] }, { $nor: [{ c: 3 }] }] })],
  ['$not', filter({ a: { $not: { $gt: 5 } } })],
  ['$exists and $type', filter({ a: { $exists: true, $type: 'string' } })],
  ['$regex with options', filter({ name: { $regex: '^an', $options: 'i' } })],
  ['$mod', filter({ n: { $mod: [4, 0] } })],
  ['$all and $size', filter({ tags: { $all: ['a', 'b'] }, items: { $size: 2 } })],
  ['$elemMatch', filter({ items: { $elemMatch: { sku: 'x', quantity: { $gt: 1 } } } })],
  ['$expr', filter({ $expr: { $gt: ['$total', { $multiply: ['$net', 1.2] }] } })],
  ['$text', filter({ $text: { $search: 'coffee' } })],
  ['$jsonSchema', filter({ $jsonSchema: { required: ['a'], properties: { a: { bsonType: 'int' } } } })],
  ['$geoWithin', filter({ place: { $geoWithin: { $centerSphere: [[0, 0], 1] } } })],
  ['$near', filter({ place: { $near: { $geometry: { type: 'Point', coordinates: [1, 2] }, $maxDistance: 5 } } })],
  ['bits', filter({ flags: { $bitsAllSet: 5, $bitsAnyClear: [1] } })],
  ['$comment', filter({ $comment: 'nightly', a: 1 })],
  ['an object id', filter({ _id: { $oid: '65a1b2c3d4e5f60718293a4b' } })],
  ['a date', filter({ at: { $gte: { $date: '2026-01-01T00:00:00Z' } } })],
  ['a decimal and a long', filter({ price: { $numberDecimal: '9.99' }, n: { $numberLong: '9007199254740993' } })],
  [
    'a binary and a UUID',
    filter({ a: { $binary: { base64: 'AQI=', subType: '00' } }, b: { $uuid: '3b241101-e2bb-4255-8caf-4136c566a962' } }),
  ],
  ['a regular expression of EJSON', filter({ a: { $regularExpression: { pattern: '^a', options: 'i' } } })],
  ['a reference to another collection, by its parts', filter({ 'owner.$id': { $oid: '65a1b2c3d4e5f60718293a4b' } })],
  ['every other value of EJSON', filter({ a: { $in: everyValue } })],
  ['fields with numbers for names, in their order', filter({ 1: 'a', 20: 'b', name: 'c', '03': 'd' })],
  ['fields named like operators without the dollar', filter({ where: 1, out: 2, function: 3 })],
  ['a text that speaks of $out', filter({ a: '$out and $where' })],
  ['a projection', { find: { projection: { a: 1, 'b.c': 1, _id: 0 } } }],
  ['a projection of part of a list', { find: { projection: { items: { $slice: 5 } } } }],
  ['a projection by $elemMatch', { find: { projection: { items: { $elemMatch: { a: 1 } } } } }],
  ['a computed projection', { find: { projection: { double: { $multiply: ['$n', 2] } } } }],
  [
    'a projection of the text score',
    { find: { filter: { $text: { $search: 'a' } }, projection: { score: { $meta: 'textScore' } } } },
  ],
  ['a sort', { find: { sort: { a: 1, b: -1 } } }],
  ['everything together', { find: { filter: { a: 1 }, projection: { a: 1 }, sort: { a: 1 } } }],
  ['an empty pipeline', pipeline()],
  ['$match, $sort, $skip, $limit', pipeline({ $match: { a: 1 } }, { $sort: { a: -1 } }, { $skip: 1 }, { $limit: 5 })],
  [
    '$project with expressions',
    pipeline({ $project: { a: 1, b: { $concat: ['$x', '-', '$y'] }, c: { $toUpper: '$d' } } }),
  ],
  [
    '$addFields and $set',
    pipeline({ $addFields: { a: { $ifNull: ['$b', 0] } } }, { $set: { c: { $literal: '$out' } } }),
  ],
  ['$unset', pipeline({ $unset: ['a', 'b.c'] })],
  ['$unset of one', pipeline({ $unset: 'a' })],
  [
    '$group with accumulators',
    pipeline({ $group: { _id: '$a', n: { $sum: 1 }, m: { $avg: '$b' }, l: { $push: '$c' }, s: { $addToSet: '$d' } } }),
  ],
  [
    '$group with first, last, min, max',
    pipeline({ $group: { _id: null, a: { $first: '$a' }, b: { $last: '$a' }, c: { $min: '$a' }, d: { $max: '$a' } } }),
  ],
  ['$group with $topN', pipeline({ $group: { _id: null, a: { $topN: { n: 3, sortBy: { a: 1 }, output: ['$a'] } } } })],
  [
    '$group with $count and $stdDevPop',
    pipeline({ $group: { _id: '$a', n: { $count: {} }, s: { $stdDevPop: '$b' } } }),
  ],
  ['$unwind', pipeline({ $unwind: '$items' })],
  [
    '$unwind with options',
    pipeline({ $unwind: { path: '$items', includeArrayIndex: 'i', preserveNullAndEmptyArrays: true } }),
  ],
  ['$lookup by fields', pipeline({ $lookup: lookup })],
  [
    '$lookup by a pipeline',
    pipeline({
      $lookup: {
        from: 'items',
        let: { id: '$item' },
        pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$id'] } } }],
        as: 'items',
      },
    }),
  ],
  ['$lookup in $lookup', pipeline({ $lookup: { from: 'items', pipeline: [{ $lookup: lookup }], as: 'items' } })],
  [
    '$graphLookup',
    pipeline({
      $graphLookup: {
        from: 'people',
        startWith: '$boss',
        connectFromField: 'boss',
        connectToField: 'name',
        as: 'bosses',
        maxDepth: 3,
        depthField: 'depth',
        restrictSearchWithMatch: { active: true },
      },
    }),
  ],
  ['$facet', pipeline({ $facet: { counts: [{ $count: 'n' }], top: [{ $sort: { a: -1 } }, { $limit: 3 }] } })],
  ['$unionWith', pipeline({ $unionWith: 'archive' })],
  ['$unionWith and a pipeline', pipeline({ $unionWith: { coll: 'archive', pipeline: [{ $match: { a: 1 } }] } })],
  ['$count', pipeline({ $count: 'total' })],
  ['$sortByCount', pipeline({ $sortByCount: '$a' })],
  [
    '$bucket',
    pipeline({ $bucket: { groupBy: '$a', boundaries: [0, 5, 10], default: 'other', output: { n: { $sum: 1 } } } }),
  ],
  ['$bucketAuto', pipeline({ $bucketAuto: { groupBy: '$a', buckets: 4 } })],
  [
    '$replaceRoot and $replaceWith',
    pipeline({ $replaceRoot: { newRoot: '$a' } }, { $replaceWith: { $mergeObjects: ['$$ROOT', { b: 1 }] } }),
  ],
  ['$redact', pipeline({ $redact: { $cond: [{ $eq: ['$level', 5] }, '$$PRUNE', '$$DESCEND'] } })],
  ['$sample', pipeline({ $sample: { size: 10 } })],
  [
    '$geoNear',
    pipeline({
      $geoNear: { near: { type: 'Point', coordinates: [1, 2] }, distanceField: 'd', query: { a: 1 }, spherical: true },
    }),
  ],
  [
    '$setWindowFields',
    pipeline({
      $setWindowFields: {
        partitionBy: '$a',
        sortBy: { at: 1 },
        output: { sum: { $sum: '$n', window: { documents: ['unbounded', 'current'] } }, rank: { $rank: {} } },
      },
    }),
  ],
  ['$densify', pipeline({ $densify: { field: 'at', range: { step: 1, unit: 'day', bounds: 'full' } } })],
  ['$fill', pipeline({ $fill: { sortBy: { at: 1 }, output: { n: { method: 'linear' }, m: { value: 0 } } } })],
  [
    '$cond, $switch and $ifNull',
    pipeline({
      $project: {
        a: { $cond: { if: { $gt: ['$a', 1] }, then: 1, else: 2 } },
        b: { $switch: { branches: [{ case: { $eq: ['$a', 1] }, then: 'x' }], default: 'y' } },
      },
    }),
  ],
  [
    '$map, $filter, $reduce',
    pipeline({
      $project: {
        a: { $map: { input: '$l', as: 'x', in: { $add: ['$$x', 1] } } },
        b: { $filter: { input: '$l', as: 'x', cond: { $gt: ['$$x', 1] } } },
        c: { $reduce: { input: '$l', initialValue: 0, in: { $add: ['$$value', '$$this'] } } },
      },
    }),
  ],
  [
    'dates',
    pipeline({
      $project: {
        y: { $year: '$at' },
        s: { $dateToString: { format: '%Y-%m', date: '$at' } },
        t: { $dateTrunc: { date: '$at', unit: 'week' } },
        d: { $dateDiff: { startDate: '$a', endDate: '$b', unit: 'day' } },
      },
    }),
  ],
  [
    'texts',
    pipeline({
      $project: {
        a: { $split: ['$t', ','] },
        b: { $trim: { input: '$t' } },
        c: { $substrCP: ['$t', 0, 3] },
        d: { $regexMatch: { input: '$t', regex: '^a' } },
      },
    }),
  ],
  [
    'numbers and conversions',
    pipeline({
      $project: {
        a: { $round: ['$n', 2] },
        b: { $toString: '$n' },
        c: { $convert: { input: '$t', to: 'int', onError: null } },
        d: { $divide: ['$a', { $abs: '$b' }] },
      },
    }),
  ],
  [
    'lists and objects',
    pipeline({
      $project: {
        a: { $arrayElemAt: ['$l', 0] },
        b: { $objectToArray: '$o' },
        c: { $size: '$l' },
        d: { $setUnion: ['$l', '$m'] },
        e: { $sortArray: { input: '$l', sortBy: 1 } },
      },
    }),
  ],
  ['$literal that looks like code', pipeline({ $project: { a: { $literal: '$function' } } })],
]
