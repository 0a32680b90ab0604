import './watched-child.ts'

// What a careless driver does some time after it was loaded.
setInterval(() => console.log('Connected.'), 50).unref()
