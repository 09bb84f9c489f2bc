/**
 * Brokers whose coordinators are other nodes: what clients ask of a coordinator is passed on to it over the link. Owned by the
 * connections' loops. Entry classes are {@link io.robustmq.kafka.pass.PassingBroker}, which passes on, {@link
 * io.robustmq.kafka.server.PassedRequests}, which answers, and {@link io.robustmq.kafka.pass.ClientsView}: who clients are told
 * leads.
 */
@NullMarked
package io.robustmq.kafka.pass;

import org.jspecify.annotations.NullMarked;
