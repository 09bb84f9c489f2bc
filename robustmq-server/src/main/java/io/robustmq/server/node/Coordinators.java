package io.robustmq.server.node;

import io.robustmq.core.group.GroupService;
import io.robustmq.core.share.ShareService;
import io.robustmq.core.txn.TxnService;

/** Of groups, transactions, and what groups share. */
record Coordinators(GroupService groups, TxnService transactions, ShareService shares) {}
