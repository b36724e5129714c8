CREATE TABLE "anomalies" (
    "Number" INTEGER NOT NULL CONSTRAINT "PK_anomalies" PRIMARY KEY,
    "Json" TEXT NOT NULL
);
