module throughline.invalid/jaeger

go 1.23

require github.com/jaegertracing/jaeger v1.62.0

// A module that v1.62.0 asks for under a name that its own go.mod has given up since.
replace github.com/Shopify/sarama => github.com/Shopify/sarama v1.33.0
