# In the place of Prometheus: Debian's, with the user, the folder and the busybox of the real one.
ARG BASE
FROM $BASE
COPY prometheus /bin/prometheus
COPY busybox /usr/local/bin/wget
RUN install -d -o nobody -g nogroup /prometheus /etc/prometheus
USER nobody
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
