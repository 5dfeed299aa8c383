# In the place of the contrib collector: the one that the stack test builds, alone and as that user, as there.
FROM scratch
COPY otelcol-contrib /otelcol-contrib
USER 10001
ENTRYPOINT ["/otelcol-contrib"]
