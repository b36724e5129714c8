CREATE TABLE "loop_chain" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_loop_chain" PRIMARY KEY,
    "AtTicks" INTEGER NOT NULL,
    "Entry" INTEGER NOT NULL,
    "Kind" TEXT NOT NULL,
    "By" TEXT NOT NULL,
    "Body" TEXT NOT NULL,
    "Previous" TEXT NOT NULL,
    "Hash" TEXT NOT NULL
);
CREATE TABLE "loop_chain_head" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_loop_chain_head" PRIMARY KEY,
    "Number" INTEGER NOT NULL,
    "Hash" TEXT NOT NULL
);
CREATE TRIGGER "loop_chain_no_update" BEFORE UPDATE ON "loop_chain" BEGIN SELECT RAISE(ABORT, 'the chain of the loop ledger is append-only'); END;
CREATE TRIGGER "loop_chain_no_delete" BEFORE DELETE ON "loop_chain" BEGIN SELECT RAISE(ABORT, 'the chain of the loop ledger is append-only'); END;
