CREATE TABLE "write_audit" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_write_audit" PRIMARY KEY,
    "AtTicks" INTEGER NOT NULL,
    "Request" INTEGER NOT NULL,
    "Kind" TEXT NOT NULL,
    "By" TEXT NOT NULL,
    "Body" TEXT NOT NULL,
    "Previous" TEXT NOT NULL,
    "Hash" TEXT NOT NULL
);
CREATE TABLE "write_audit_head" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_write_audit_head" PRIMARY KEY,
    "Number" INTEGER NOT NULL,
    "Hash" TEXT NOT NULL
);
CREATE TRIGGER "write_audit_no_update" BEFORE UPDATE ON "write_audit" BEGIN SELECT RAISE(ABORT, 'the audit of writes is append-only'); END;
CREATE TRIGGER "write_audit_no_delete" BEFORE DELETE ON "write_audit" BEGIN SELECT RAISE(ABORT, 'the audit of writes is append-only'); END;
