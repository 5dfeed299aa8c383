# In the place of Jaeger's all-in-one: the one that the stack test builds, with the busybox that the real one has.
FROM scratch
COPY busybox /bin/wget
COPY all-in-one-linux /go/bin/all-in-one-linux
USER 10001
ENTRYPOINT ["/go/bin/all-in-one-linux"]
