import { valueWords } from './extended-json-words.ts'

const words = (text: string): string[] => text.trim().split(/\s+/)

/** Stages that read, and only what the pipeline names. Anything else is refused, whatever it does. */
export const readingStages: ReadonlySet<string> = new Set(
  words(`
    $addFields $bucket $bucketAuto $count $densify $facet $fill $geoNear $graphLookup $group $limit $lookup $match
    $project $redact $replaceRoot $replaceWith $sample $search $searchMeta $set $setWindowFields $skip $sort
    $sortByCount $unionWith $unset $unwind $vectorSearch
  `),
)

/** Operators of filters. */
const queryOperators = words(`
  $all $and $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $box $center $centerSphere $comment $elemMatch $eq
  $exists $expr $geoIntersects $geoWithin $geometry $gt $gte $in $jsonSchema $lt $lte $maxDistance $minDistance $mod
  $ne $near $nearSphere $nin $nor $not $options $or $polygon $regex $sampleRate $search $caseSensitive
  $diacriticSensitive $language $size $slice $text $type $uniqueDocs
`)

/** Operators of expressions and accumulators. All of them compute; none runs code or reaches beyond the documents. */
const expressionOperators = words(`
  $abs $acos $acosh $add $addToSet $allElementsTrue $anyElementTrue $arrayElemAt $arrayToObject $asin $asinh $atan
  $atan2 $atanh $avg $binarySize $bitAnd $bitNot $bitOr $bitXor $bottom $bottomN $bsonSize $ceil $cmp $concat
  $concatArrays $cond $convert $cos $cosh $count $covariancePop $covarianceSamp $dateAdd $dateDiff $dateFromParts
  $dateFromString $dateSubtract $dateToParts $dateToString $dateTrunc $dayOfMonth $dayOfWeek $dayOfYear
  $degreesToRadians $denseRank $derivative $divide $documentNumber $exp $expMovingAvg $filter $first $firstN $floor
  $getField $hour $ifNull $indexOfArray $indexOfBytes $indexOfCP $integral $isArray $isNumber $isoDayOfWeek $isoWeek
  $isoWeekYear $last $lastN $let $linearFill $literal $ln $locf $log $log10 $ltrim $map $max $maxN $median
  $mergeObjects $meta $millisecond $min $minMaxScaler $minN $minute $month $multiply $objectToArray $percentile $pow
  $push $radiansToDegrees $rand $range $rank $reduce $regexFind $regexFindAll $regexMatch $replaceAll $replaceOne
  $reverseArray $round $rtrim $second $setDifference $setEquals $setField $setIntersection $setIsSubset $setUnion
  $shift $sigmoid $sin $sinh $sortArray $split $sqrt $stdDevPop $stdDevSamp $strLenBytes $strLenCP $strcasecmp
  $substr $substrBytes $substrCP $subtract $sum $switch $tan $tanh $toBool $toDate $toDecimal $toDouble
  $toHashedIndexKey $toInt $toLong $toLower $toObjectId $toString $toUUID $toUpper $top $topN $trim $trunc $tsIncrement
  $tsSecond $unsetField $week $year $zip
`)

/** Every name with a dollar sign that may stand anywhere in a query. */
export const readingNames: ReadonlySet<string> = new Set([
  ...readingStages,
  ...queryOperators,
  ...expressionOperators,
  ...valueWords.keys(),
])

/** What the best known of the refused do, as words after the name. */
export const refusedBecause: Readonly<Record<string, string>> = {
  $out: 'which writes its result into a collection',
  $merge: 'which writes its result into a collection',
  $function: 'which runs code on the server',
  $accumulator: 'which runs code on the server',
  $where: 'which runs code on the server',
  $code: 'which is code',
  $changeStream: 'which never ends',
  $currentOp: "which shows other people's operations",
  $listSessions: "which shows other people's sessions",
  $listLocalSessions: "which shows other people's sessions",
}
