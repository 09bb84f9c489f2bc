package io.robustmq.core.group;

/** The only thing a group does to the outside: it answers. */
public record GroupEffect(Requester requester, GroupReply reply) {}
