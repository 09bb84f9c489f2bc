package io.robustmq.mqtt.share;

/**
 * On whose word something is said between the node that deals and a home. What is said under an older stamp is not heard.
 *
 * @param table the partition of sessions whose leader deals
 * @param node which node that is
 * @param epoch in which it leads
 * @param round of its questions, rising: after each the home begins anew
 */
public record Stamp(int table, int node, int epoch, long round) {}
